package dev.penstock.engine.modelfiles;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.FusedWeight;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.ModelWeights;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the weights of a model lie in its files: each on its own, or in a tensor with others; under
 * its own name, or under that which it has in the model without head; a tied embedding maybe as the
 * head alone.
 */
final class StoredWeights {
  /** What the model without head is called within the model. */
  private static final String PREFIX = "model.";

  private final Map<String, FusedWeight> fused;
  private final Set<String> names;
  private final boolean tied;

  StoredWeights(DecoderSpec spec, ModelWeights weights) {
    fused = new DecoderTensors(spec).fused();
    names = weights.names();
    tied = spec.tiedEmbeddings();
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
    Optional<String> own = find(weight.name());
    FusedWeight whole = fused.get(weight.name());
    if (own.isEmpty() && whole != null) {
      Optional<String> tensor = find(whole.name());
      if (tensor.isPresent()) {
        return new Place(tensor.get(), whole.shape(), whole.begin());
      }
    }
    if (own.isEmpty() && tied && weight.name().equals(DecoderTensors.EMBEDDING_WEIGHT)) {
      own = find(DecoderTensors.HEAD_WEIGHT);
    }
    return new Place(own.orElse(weight.name()), weight.shape(), 0);
  }

  /** The tensor of this name, or else the one that transformers takes for it. */
  Optional<String> find(String name) {
    if (names.contains(name)) {
      return Optional.of(name);
    }
    String other = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : PREFIX + name;
    return names.contains(other) ? Optional.of(other) : Optional.empty();
  }
}
