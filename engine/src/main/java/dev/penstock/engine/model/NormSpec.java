package dev.penstock.engine.model;

/**
 * RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467): {@code x / rms(x) * weight}.
 *
 * @param eps added to the mean square
 * @param unitOffset whether the factor is {@code 1 + weight} (Gemma)
 */
public record NormSpec(double eps, boolean unitOffset) {}
