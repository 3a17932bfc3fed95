package dev.penstock.engine.train;

import java.io.Serializable;

/**
 * What a validation found.
 *
 * @param step optimizer steps taken before it
 * @param loss mean loss over the counted tokens of all validation rows
 * @param countedTokens tokens that counted
 */
public record ValidationReport(long step, double loss, long countedTokens)
    implements Serializable {}
