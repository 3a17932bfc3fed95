package dev.penstock.engine.modelfiles;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.FusedWeight;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.ModelWeights;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the weights of a model lie in its files: each on its own, or in a tensor with others. */
final class StoredWeights {
  private final Map<String, FusedWeight> fused;
  private final Set<String> names;

  StoredWeights(DecoderSpec spec, ModelWeights weights) {
    fused = new DecoderTensors(spec).fused();
    names = weights.names();
  }

  /**
   * The place of a weight.
   *
   * @param tensor name in the files
   * @param shape what that tensor has to be
   * @param begin the weight's first element in it
   */
  record Place(String tensor, List<Long> shape, long begin) {}

  /** Where a weight is, or would have to be if it is missing. */
  Place of(TensorShape weight) {
    FusedWeight whole = fused.get(weight.name());
    if (whole != null && !names.contains(weight.name()) && names.contains(whole.name())) {
      return new Place(whole.name(), whole.shape(), whole.begin());
    }
    return new Place(weight.name(), weight.shape(), 0);
  }
}
