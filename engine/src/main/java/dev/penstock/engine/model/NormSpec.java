package dev.penstock.engine.model;

/**
 * RMSNorm (Zhang and Sennrich 2019, arXiv:1910.07467): {@code x / rms(x) * weight}.
 *
 * @param eps added to the mean square
 * @param unitOffset whether the factor is {@code 1 + weight} (Gemma)
 */
public record NormSpec(double eps, boolean unitOffset) {
  /** The weight of a norm over {@code size} elements; a new one changes nothing. */
  TensorShape weight(String name, long size) {
    return TensorShape.vector(
        name, size, unitOffset ? TensorShape.Init.ZEROS : TensorShape.Init.ONES);
  }
}
