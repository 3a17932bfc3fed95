package dev.penstock.spark.fs;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.family.HubJson;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsIndex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What lies in a folder that a model is to be written into.
 *
 * @param isModel whether it is a Hugging Face model, or adapters of one
 * @param modelFiles files in the folder that belong to a model
 * @param otherFiles files directly in the folder that do not
 */
public record ModelContents(boolean isModel, List<String> modelFiles, List<String> otherFiles) {
  /** Files that say that the folder is a model. */
  public static final List<String> WHOLE = List.of(ModelFolder.CONFIG, AdapterFolder.CONFIG);

  /** What became of the fit, beside the model that came of it. */
  public static final String TRAINING_SUMMARY = "training_summary.json";

  /** A line of numbers a step. */
  public static final String METRICS = "metrics.jsonl";

  /** The page of the run. */
  public static final String REPORT = "report.html";

  /** The loss of its steps, drawn. */
  public static final String LOSS = "training_loss.svg";

  private static final Pattern WEIGHTS =
      Pattern.compile("model(-\\d{5}-of-\\d{5})?(-[0-9a-f]{8})?\\.safetensors");

  /** Names that a file of a model may have, beside those of the weights of a whole one. */
  public static final Set<String> NAMES = names();

  private static final Pattern RUN = Pattern.compile("_lease-[-0-9a-f]+");
  private static final int MAX_JSON = 1 << 22;
  private static final int LISTED = 5;

  private static Set<String> names() {
    Set<String> names = new TreeSet<>(TokenizerFiles.NAMES);
    names.addAll(TokenizerFiles.COMPANIONS);
    names.addAll(WHOLE);
    names.add(ModelFolder.GENERATION_CONFIG);
    names.addAll(List.of(TRAINING_SUMMARY, METRICS, REPORT, LOSS));
    names.add(SafetensorsIndex.FILE_NAME);
    names.add(ModelWeights.SINGLE_FILE);
    names.add(AdapterFolder.WEIGHTS);
    return names;
  }

  /** Looks at a folder, which need not exist. */
  public static ModelContents of(HadoopFolder folder) throws IOException {
    List<String> model = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String name : folder.list()) {
      if (!RUN.matcher(name).matches()) {
        (NAMES.contains(name) || WEIGHTS.matcher(name).matches() ? model : others).add(name);
      }
    }
    model.addAll(TokenizerFolder.additionalTemplates(folder));
    boolean isModel =
        says(folder, ModelFolder.CONFIG, "model_type")
            || says(folder, AdapterFolder.CONFIG, "peft_type");
    return new ModelContents(isModel, model, others);
  }

  private static boolean says(HadoopFolder folder, String name, String key) throws IOException {
    if (!folder.exists(name)) {
      return false;
    }
    try {
      String text = new String(folder.read(name, MAX_JSON), StandardCharsets.UTF_8);
      return HubJson.parse(text, name).path(key).isTextual();
    } catch (ConfigException e) {
      return false;
    }
  }

  /** Whether there is no file directly in the folder. */
  public boolean isEmpty() {
    return modelFiles.isEmpty() && otherFiles.isEmpty();
  }

  /** A few names, for messages. */
  public static String describe(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(LISTED, names.size())));
    return names.size() <= LISTED
        ? first
        : String.format(Locale.ROOT, "%s and %d more", first, names.size() - LISTED);
  }
}
