package dev.penstock.engine.checkpoint;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.FileSource;
import dev.penstock.engine.safetensors.ModelWeights;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Adapters in files, as peft writes and opens them. */
public final class AdapterFolder {
  /** The adapters' weights. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  /** What they adapt and how. */
  public static final String CONFIG = "adapter_config.json";

  private AdapterFolder() {}

  /**
   * Writes a folder that {@code PeftModel.from_pretrained} opens.
   *
   * @param adapters every weight of every adapter of the model
   * @param baseModel the model that was adapted, as a user would name it; null: not said
   * @return bytes of each tensor by name
   */
  public static Map<String, Long> write(
      CheckpointStore store,
      LoraConfig config,
      Set<String> modules,
      List<Parameter> adapters,
      @Nullable String baseModel)
      throws IOException {
    try (OutputStream out = store.create(CONFIG)) {
      out.write(PeftJson.of(config, modules, baseModel).getBytes(StandardCharsets.UTF_8));
    }
    return WeightWriter.write(store, WEIGHTS, adapters, DType.F32);
  }

  /**
   * Reads the adapters of a rank.
   *
   * @param folder has the adapters of at least this rank's modules
   * @throws ConfigException listing every adapter that is missing or has another shape
   */
  public static void read(FileSource folder, ParameterArena arena) throws IOException {
    List<Parameter> adapters =
        arena.parameters().stream().filter(p -> LoraSpec.isAdapter(p.name())).toList();
    try (ModelWeights weights = ModelWeights.ofFile(folder, WEIGHTS)) {
      List<String> problems = new ArrayList<>();
      for (Parameter adapter : adapters) {
        List<Long> shape = arena.shape(adapter.name()).shape();
        if (!weights.names().contains(adapter.name())) {
          problems.add("missing: " + adapter.name());
        } else if (!weights.entry(adapter.name()).shape().equals(shape)) {
          problems.add(
              "misshapen: %s is %s and not %s"
                  .formatted(adapter.name(), weights.entry(adapter.name()).shape(), shape));
        }
      }
      if (!problems.isEmpty()) {
        throw new ConfigException(
            "The adapters in %s do not fit the configuration:\n- %s"
                .formatted(
                    folder.location(), problems.stream().collect(Collectors.joining("\n- "))));
      }
      WeightReader.read(weights, adapters);
    }
    arena.publish();
  }
}
