package dev.penstock.engine.modelfiles;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Adapters in files, as peft writes and opens them. */
public final class AdapterFolder {
  /** The adapters' weights. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  /** What they adapt and how; a folder without it is no adapter folder. */
  public static final String CONFIG = "adapter_config.json";

  private static final String PICKLED = "adapter_model.bin";

  private AdapterFolder() {}

  /**
   * Compares the header of the adapters' file with what model and adapters call for. Reads no
   * weights and loads no native library.
   *
   * @param lora as the folder's config says
   * @throws ConfigException listing every missing, unexpected, misshapen and unreadable tensor
   */
  static void check(DecoderSpec spec, LoraSpec lora, FileSource folder) throws IOException {
    if (!folder.exists(WEIGHTS)) {
      throw new ConfigException(
          "There is no %s in %s.%s"
              .formatted(
                  WEIGHTS,
                  folder.location(),
                  folder.exists(PICKLED)
                      ? " Its %s was pickled by PyTorch, which is not read: save the adapters again with safe_serialization=True."
                          .formatted(PICKLED)
                      : " Copy or download the folder again."));
    }
    TensorProblems problems = new TensorProblems();
    try (ModelWeights weights = ModelWeights.ofFile(folder, WEIGHTS)) {
      AdapterTensors tensors = new AdapterTensors(weights);
      Set<String> expected = new HashSet<>();
      List<String> modules = new DecoderTensors(spec).modules();
      for (TensorShape tensor : RankModel.shapes(spec, modules, lora)) {
        if (LoraSpec.isTrained(tensor.name())) {
          expected.add(tensor.name());
          if (tensors.contains(tensor.name())) {
            problems.compare(weights.entry(tensors.stored(tensor.name())), tensor.shape());
          } else {
            problems.missing(tensor.name(), tensor.shape());
          }
        }
        for (String copy : lora.namesOfCopies(tensor.name())) {
          expected.add(copy);
          if (tensors.contains(copy)) {
            problems.compare(weights.entry(tensors.stored(copy)), tensor.shape());
          }
        }
      }
      for (String name : tensors.names()) {
        if (!expected.contains(name)) {
          problems.unexpected(weights.entry(tensors.stored(name)));
        }
      }
    }
    problems.throwIfAny(
        "The adapters in " + folder.location(),
        spec,
        "Use them with the model that they were made for, and the %s that was saved with them. If tokens were added before they were trained, the model must have them too: resize its embeddings and save it."
            .formatted(CONFIG));
  }

  /**
   * Reads what is trained on a rank, converted to its dtype and device.
   *
   * @param folder one that {@link #check} passed
   * @param arena has the weights of the model already
   * @throws ConfigException if the folder has another weight of the model itself than the model
   */
  static void read(FileSource folder, ParameterArena arena) throws IOException {
    LoraSpec lora = requireNonNull(arena.lora(), "the arena has no adapters");
    try (ModelWeights weights = ModelWeights.ofFile(folder, WEIGHTS)) {
      AdapterTensors tensors = new AdapterTensors(weights);
      Map<String, Parameter> trained = new LinkedHashMap<>();
      for (Parameter parameter : arena.parameters()) {
        if (LoraSpec.isTrained(parameter.name())) {
          trained.put(tensors.stored(parameter.name()), parameter);
        }
      }
      WeightReader.read(weights, trained);
      for (Parameter parameter : arena.parameters()) {
        for (String copy : lora.namesOfCopies(parameter.name())) {
          if (tensors.contains(copy)) {
            checkCopy(folder, weights, tensors.stored(copy), parameter);
          }
        }
      }
    }
    arena.publish();
  }

  private static void checkCopy(
      FileSource folder, ModelWeights weights, String copy, Parameter parameter)
      throws IOException {
    if (!WeightReader.holds(weights, copy, parameter)) {
      throw new ConfigException(
          "The adapters in %s bring %s, which is not what %s is, and are not said to train it (modules_to_save): they were made for another model, or that weight was changed. Merge them in peft with merge_and_unload, and use that model."
              .formatted(folder.location(), copy, parameter.name()));
    }
  }
}
