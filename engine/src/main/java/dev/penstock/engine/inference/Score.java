package dev.penstock.engine.inference;

import java.io.Serializable;

/**
 * How well a model predicts a row.
 *
 * @param meanNll mean negative log-likelihood in nats of the tokens after the first that count; NaN
 *     if there are none
 * @param tokens number of predicted tokens
 */
public record Score(double meanNll, int tokens) implements Serializable {}
