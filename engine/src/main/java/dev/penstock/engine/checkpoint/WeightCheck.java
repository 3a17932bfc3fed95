package dev.penstock.engine.checkpoint;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.FileSource;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.TensorEntry;
import java.io.IOException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares the headers of a model's weight files with what its config calls for. Reads no weights
 * and loads no native library, so it runs on the driver before anything starts.
 */
public final class WeightCheck {
  private static final Set<DType> READABLE =
      EnumSet.of(DType.F64, DType.F32, DType.F16, DType.BF16);
  private static final int MAX_LISTED = 20;

  private WeightCheck() {}

  /**
   * Checks that every weight is there, with its shape and a readable dtype, and no other.
   *
   * @throws ConfigException listing every missing, unexpected and misshapen tensor
   */
  public static void check(DecoderSpec spec, FileSource folder) throws IOException {
    Set<String> used = new HashSet<>();
    Set<String> problems = new LinkedHashSet<>();
    try (ModelWeights weights = ModelWeights.open(folder)) {
      StoredWeights stored = new StoredWeights(spec, weights);
      for (TensorShape weight : new DecoderTensors(spec).all()) {
        StoredWeights.Place place = stored.of(weight);
        used.add(place.tensor());
        if (weights.names().contains(place.tensor())) {
          compare(place, weights.entry(place.tensor()), problems);
        } else {
          problems.add("missing: %s %s".formatted(weight.name(), weight.shape()));
        }
      }
      for (String name : weights.names()) {
        if (!used.contains(name) && !isDerived(name, spec)) {
          problems.add("unexpected: %s %s".formatted(name, weights.entry(name).shape()));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(describe(spec, folder.location(), List.copyOf(problems)));
    }
  }

  private static void compare(StoredWeights.Place place, TensorEntry entry, Set<String> problems) {
    if (!entry.shape().equals(place.shape())) {
      problems.add(
          "misshapen: %s is %s, but the config calls for %s"
              .formatted(place.tensor(), entry.shape(), place.shape()));
    }
    if (!READABLE.contains(entry.dtype())) {
      problems.add(
          "unreadable: %s has dtype %s; readable are %s"
              .formatted(place.tensor(), entry.dtype(), READABLE));
    }
  }

  /** What old checkpoints carry though it follows from the rest. */
  private static boolean isDerived(String name, DecoderSpec spec) {
    return name.endsWith("rotary_emb.inv_freq")
        || (spec.tiedEmbeddings() && name.equals(DecoderTensors.HEAD + ".weight"));
  }

  private static String describe(DecoderSpec spec, String location, List<String> problems) {
    int listed = Math.min(MAX_LISTED, problems.size());
    String more =
        problems.size() > listed ? "\n- and %d more".formatted(problems.size() - listed) : "";
    return "The weights in %s do not fit the config (model_type '%s', %d layers), %s:\n- %s%s\nUse the config.json that was saved with these weights."
        .formatted(
            location,
            spec.modelType(),
            spec.numLayers(),
            problems.size() == 1 ? "1 problem" : problems.size() + " problems",
            String.join("\n- ", problems.subList(0, listed)),
            more);
  }
}
