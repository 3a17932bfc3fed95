package dev.penstock.engine.runtime;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The microbatches of one pipeline step on one rank. The tensors stay the caller's.
 *
 * @param shapes shape of each microbatch's input, known on every rank
 * @param inputs one tensor a microbatch on the rank of the first stage, elsewhere empty
 * @param targets one tensor a microbatch on the rank of the last stage, elsewhere empty
 */
public record StepData(List<List<Long>> shapes, List<Tensor> inputs, List<Tensor> targets) {
  public StepData {
    shapes = List.copyOf(shapes);
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
  }
}
