package dev.penstock.engine.runtime;

import org.bytedeco.pytorch.Tensor;

/** Sees the last stage's output of each microbatch, on its rank's thread. */
@FunctionalInterface
public interface OutputSink {
  /**
   * Called before the loss is computed.
   *
   * @param output in the caller's PointerScope; in the autograd graph, unless the stage leaves its
   *     head to the loss: keep a detached tensor, if any
   */
  void accept(int microbatch, Tensor output);
}
