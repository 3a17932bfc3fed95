package dev.penstock.engine.optim;

/** The native update of parameters of one dtype that are decayed alike. */
interface FusedUpdate extends AutoCloseable {
  /**
   * Changes the parameters that have a gradient; the others are left alone, moments and all.
   *
   * @param number of the step, from 1
   * @param gradientDivisor what gradients are divided by before they are used
   */
  void step(long number, double learningRate, double weightDecay, double gradientDivisor);

  @Override
  void close();
}
