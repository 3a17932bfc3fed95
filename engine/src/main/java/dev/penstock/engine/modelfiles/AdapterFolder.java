package dev.penstock.engine.modelfiles;

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
import java.util.List;
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
      Set<String> expected = new HashSet<>();
      List<String> modules = new DecoderTensors(spec).modules();
      for (TensorShape tensor : RankModel.shapes(spec, modules, lora)) {
        boolean adapter = LoraSpec.isAdapter(tensor.name());
        String name = adapter ? tensor.name() : lora.nameOfCopy(tensor.name()).orElse("");
        expected.add(name);
        if (weights.names().contains(name)) {
          problems.compare(weights.entry(name), tensor.shape());
        } else if (adapter) {
          problems.missing(name, tensor.shape());
        }
      }
      for (String name : weights.names()) {
        if (!expected.contains(name)) {
          problems.unexpected(weights.entry(name));
        }
      }
    }
    problems.throwIfAny(
        "The adapters in " + folder.location(),
        spec,
        "Use them with the model that they were made for, and the %s that was saved with them."
            .formatted(CONFIG));
  }

  /**
   * Reads the adapters of a rank, converted to their dtype and device.
   *
   * @param folder one that {@link #check} passed
   * @param arena has the weights of the model already
   * @throws ConfigException if the folder has another weight of the model itself than the model
   */
  static void read(FileSource folder, ParameterArena arena) throws IOException {
    List<Parameter> adapters =
        arena.parameters().stream().filter(p -> LoraSpec.isAdapter(p.name())).toList();
    try (ModelWeights weights = ModelWeights.ofFile(folder, WEIGHTS)) {
      WeightReader.read(weights, adapters);
      LoraSpec lora = arena.lora();
      if (lora != null) {
        for (Parameter parameter : arena.parameters()) {
          checkCopy(folder, weights, lora.nameOfCopy(parameter.name()).orElse(""), parameter);
        }
      }
    }
    arena.publish();
  }

  private static void checkCopy(
      FileSource folder, ModelWeights weights, String copy, Parameter parameter)
      throws IOException {
    if (weights.names().contains(copy) && !WeightReader.holds(weights, copy, parameter)) {
      throw new ConfigException(
          "The adapters in %s bring a %s that is not the model's own, which is not supported: they were made for another model, or trained that weight too. Merge them in peft with merge_and_unload, and use that model."
              .formatted(folder.location(), parameter.name()));
    }
  }
}
