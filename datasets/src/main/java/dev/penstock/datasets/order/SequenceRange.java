package dev.penstock.datasets.order;

/**
 * Sequences that lie side by side.
 *
 * @param first index of the first
 * @param count how many
 */
public record SequenceRange(long first, int count) {}
