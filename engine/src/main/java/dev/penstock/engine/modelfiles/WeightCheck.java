package dev.penstock.engine.modelfiles;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the headers of a model's weight files with what its config calls for. Reads no weights
 * and loads no native library, so it runs on the driver before anything starts.
 */
public final class WeightCheck {
  /** Names of other tensors in the message about missing ones. */
  private static final int MOST_LEFT = 3;

  private WeightCheck() {}

  /**
   * Checks that every weight is there, with its shape and a readable dtype.
   *
   * @return what is there beside them, as warnings: transformers leaves such tensors alone too
   * @throws ConfigException listing every missing and misshapen tensor
   */
  public static List<String> check(DecoderSpec spec, FileSource folder) throws IOException {
    try (ModelWeights weights = ModelWeights.open(folder)) {
      return check(spec, weights, folder.location());
    }
  }

  static List<String> check(DecoderSpec spec, ModelWeights weights, String location) {
    Set<String> used = new HashSet<>();
    TensorProblems problems = new TensorProblems();
    List<String> missing = new ArrayList<>();
    StoredWeights stored = new StoredWeights(spec, weights);
    for (TensorShape weight : new DecoderTensors(spec).all()) {
      StoredWeights.Place place = stored.of(weight);
      used.add(place.tensor());
      if (weights.names().contains(place.tensor())) {
        problems.compare(weights.entry(place.tensor()), place.shape());
      } else {
        problems.missing(weight.name(), weight.shape());
        missing.add(weight.name());
      }
    }
    List<String> left =
        weights.names().stream().filter(name -> !used.contains(name) && !isDerived(name)).toList();
    problems.throwIfAny("The weights in " + location, spec, remedy(missing, left));
    if (spec.tiedEmbeddings()) {
      Optional<String> head = stored.find(DecoderTensors.HEAD_WEIGHT);
      left = left.stream().filter(name -> !head.equals(Optional.of(name))).toList();
    }
    List<String> warnings = new ArrayList<>(weights.warnings());
    if (!left.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "The weights in %s hold %d tensors that model_type '%s' with %d layers does not have, which are left out of what is computed and saved: %s.",
              location,
              left.size(),
              spec.modelType(),
              spec.numLayers(),
              Quoted.list(left)));
    }
    return warnings;
  }

  private static String remedy(List<String> missing, List<String> left) {
    String config = "Use the config.json that was saved with these weights.";
    if (missing.isEmpty() || left.isEmpty()) {
      return config;
    }
    Optional<String> wrapped = left.stream().filter(n -> n.endsWith(missing.get(0))).findFirst();
    if (wrapped.isPresent()) {
      String name = wrapped.get();
      return "The files have it as %s: save the model itself, without what wraps it."
          .formatted(Quoted.plain(name));
    }
    return String.format(
        Locale.ROOT,
        "The files have %d tensors that the model has not, such as %s. %s",
        left.size(),
        Quoted.list(left.subList(0, Math.min(MOST_LEFT, left.size()))),
        config);
  }

  /** What old files carry though it follows from the config. */
  private static boolean isDerived(String name) {
    return name.endsWith("rotary_emb.inv_freq");
  }
}
