package dev.penstock.engine.modelfiles;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Compares the headers of a model's weight files with what its config calls for. Reads no weights
 * and loads no native library, so it runs on the driver before anything starts.
 */
public final class WeightCheck {
  private WeightCheck() {}

  /**
   * Checks that every weight is there, with its shape and a readable dtype, and no other.
   *
   * @throws ConfigException listing every missing, unexpected and misshapen tensor
   */
  public static void check(DecoderSpec spec, FileSource folder) throws IOException {
    Set<String> used = new HashSet<>();
    TensorProblems problems = new TensorProblems();
    try (ModelWeights weights = ModelWeights.open(folder)) {
      StoredWeights stored = new StoredWeights(spec, weights);
      for (TensorShape weight : new DecoderTensors(spec).all()) {
        StoredWeights.Place place = stored.of(weight);
        used.add(place.tensor());
        if (weights.names().contains(place.tensor())) {
          problems.compare(weights.entry(place.tensor()), place.shape());
        } else {
          problems.missing(weight.name(), weight.shape());
        }
      }
      for (String name : weights.names()) {
        if (!used.contains(name) && !isDerived(name, spec)) {
          problems.unexpected(weights.entry(name));
        }
      }
    }
    problems.throwIfAny(
        "The weights in " + folder.location(),
        spec,
        "Use the config.json that was saved with these weights.");
  }

  /** What old checkpoints carry though it follows from the rest. */
  private static boolean isDerived(String name, DecoderSpec spec) {
    return name.endsWith("rotary_emb.inv_freq")
        || (spec.tiedEmbeddings() && name.equals(DecoderTensors.HEAD + ".weight"));
  }
}
