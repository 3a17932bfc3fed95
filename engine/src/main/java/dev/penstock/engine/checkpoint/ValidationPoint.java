package dev.penstock.engine.checkpoint;

/**
 * A validation of the run so far.
 *
 * @param step optimizer steps taken before it
 * @param loss mean loss
 * @param countedTokens tokens that counted
 */
public record ValidationPoint(long step, double loss, long countedTokens) {}
