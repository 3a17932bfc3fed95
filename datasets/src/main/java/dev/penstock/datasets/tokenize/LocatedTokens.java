package dev.penstock.datasets.tokenize;

/**
 * The tokens of a text and where they are in it, counted in characters (Unicode code points).
 *
 * @param ids token ids
 * @param begins where each token begins
 * @param ends behind its last character
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
public record LocatedTokens(int[] ids, int[] begins, int[] ends) {}
