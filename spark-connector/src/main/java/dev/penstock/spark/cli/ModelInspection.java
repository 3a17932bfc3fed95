package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.modelfiles.CheckedModel;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsException;
import dev.penstock.engine.safetensors.TensorEntry;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a model folder, or one of adapters, holds; reads headers, not weights. */
final class ModelInspection {
  private static final String CONFIG = "config.json";
  private static final List<String> COMPANIONS =
      List.of("tokenizer.json", "generation_config.json", "training_summary.json", "recipe.yaml");

  private final PrintWriter out;

  ModelInspection(PrintWriter out) {
    this.out = out;
  }

  /** Whether a folder holds a model or adapters. */
  static boolean isModel(HadoopFolder folder) throws IOException {
    return folder.exists(CONFIG) || folder.exists(AdapterFolder.CONFIG);
  }

  /**
   * Prints it.
   *
   * @return whether the weights are those that the configuration calls for, as far as that is here
   */
  boolean inspect(HadoopFolder folder) throws IOException {
    out.println(folder.location());
    boolean whole =
        folder.exists(AdapterFolder.CONFIG) // beside which some write the model's config.json
            ? inspectWeights(folder, AdapterFolder.WEIGHTS)
            : inspectModel(folder);
    StringBuilder beside = new StringBuilder();
    for (String name : COMPANIONS) {
      beside.append(folder.exists(name) ? " " + name : "");
    }
    line("beside", beside.isEmpty() ? "nothing" : beside.substring(1));
    return whole;
  }

  private boolean inspectModel(HadoopFolder folder) throws IOException {
    try {
      CheckedModel model = ModelFiles.of(folder).checkModel();
      describe(model.spec());
      try (ModelWeights weights = ModelWeights.open(folder)) {
        tally(weights);
      }
      model.warnings().forEach(warning -> line("warning", warning));
      line("weights", "every tensor that config.json calls for, in its shape");
      return true;
    } catch (ConfigException | SafetensorsException | IOException e) {
      line("weights", "not ok: " + e.getMessage());
      return false;
    }
  }

  private boolean inspectWeights(HadoopFolder folder, String file) {
    line("model", "adapters");
    try (ModelWeights weights = ModelWeights.ofFile(folder, file)) {
      tally(weights);
      return true;
    } catch (ConfigException | SafetensorsException | IOException e) {
      line("weights", "not ok: " + e.getMessage());
      return false;
    }
  }

  private void describe(DecoderSpec spec) {
    line(
        "model",
        String.format(
            Locale.ROOT,
            "%s, %d layers of %d, vocabulary %,d, %,d positions%s",
            spec.modelType(),
            spec.numLayers(),
            spec.hiddenSize(),
            spec.vocabSize(),
            spec.maxPositions(),
            spec.tiedEmbeddings() ? ", head tied to the embedding" : ""));
  }

  private void tally(ModelWeights weights) {
    Map<String, Long> bytesByType = new TreeMap<>();
    long elements = 0;
    for (String name : weights.names()) {
      TensorEntry tensor = weights.entry(name);
      long bytes = tensor.end() - tensor.begin();
      bytesByType.merge(tensor.dtype().name().toLowerCase(Locale.ROOT), bytes, Long::sum);
      elements += bytes / tensor.dtype().byteSize();
    }
    line(
        "tensors",
        String.format(Locale.ROOT, "%,d, %,d elements", weights.names().size(), elements));
    bytesByType.forEach(
        (type, bytes) -> line(type, String.format(Locale.ROOT, "%,d bytes", bytes)));
  }

  private void line(String name, String text) {
    out.printf(Locale.ROOT, "  %-12s %s%n", name, text);
  }
}
