package dev.penstock.engine.model;

import java.util.List;
import java.util.Map;

/**
 * Where a weight lies in a tensor that holds it together with others. Transformers 5 keeps the
 * experts of a layer as one tensor, {@code mlp.experts.gate_up_proj} and {@code
 * mlp.experts.down_proj}, and names gradients so; its files have one tensor an expert unless they
 * were saved otherwise.
 *
 * @param name the tensor that holds the weight
 * @param shape sizes of that tensor, outermost first
 * @param begin the weight's first element in it; the weight is contiguous
 */
public record FusedWeight(String name, List<Long> shape, long begin) {
  public FusedWeight {
    shape = List.copyOf(shape);
  }

  static void ofExperts(
      String layer, MoeSpec moe, long hiddenSize, Map<String, FusedWeight> result) {
    long experts = moe.numExperts();
    long width = moe.intermediateSize();
    long matrix = width * hiddenSize;
    List<Long> gateUp = List.of(experts, 2 * width, hiddenSize);
    List<Long> down = List.of(experts, hiddenSize, width);
    MoeSpec.ExpertNames names = moe.names();
    result.put(
        layer + names.router() + ".weight",
        new FusedWeight(layer + "mlp.gate.weight", List.of(experts, hiddenSize), 0));
    for (int number = 0; number < experts; number++) {
      String expert = layer + names.expert(number);
      String fused = layer + "mlp.experts.";
      long at = number * matrix;
      result.put(
          expert + names.gate() + ".weight",
          new FusedWeight(fused + "gate_up_proj", gateUp, 2 * at));
      result.put(
          expert + names.up() + ".weight",
          new FusedWeight(fused + "gate_up_proj", gateUp, 2 * at + matrix));
      result.put(expert + names.down() + ".weight", new FusedWeight(fused + "down_proj", down, at));
    }
  }
}
