package dev.penstock.engine.train;

import dev.penstock.engine.checkpoint.AdapterFolder;
import dev.penstock.engine.checkpoint.CheckpointStore;
import dev.penstock.engine.checkpoint.WeightWriter;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.model.LoraMerge;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a run has trained: each pipeline rank of the first replica its weights, or one rank
 * all adapters.
 *
 * @param baseModel the model that training started from; null: none
 */
record ModelSaving(
    TrainingPlan plan, ProcessGrid grid, Transport transport, @Nullable String baseModel) {
  /**
   * What one rank wrote.
   *
   * @param file name of the file, or empty
   * @param tensors bytes of each tensor in it, by name
   */
  record Saved(String file, Map<String, Long> tensors) {
    static final Saved NOTHING = new Saved("", Map.of());
  }

  /**
   * Saves the rank's part; collective over the first replica.
   *
   * @param owned the parameters that no other rank saves
   */
  Saved save(CheckpointStore store, ParameterArena arena, List<Parameter> owned)
      throws IOException {
    if (grid.dpRank(transport.rank()) != 0) {
      return Saved.NOTHING;
    }
    LoraConfig lora = plan.config().lora();
    if (lora != null && !lora.merge()) {
      return saveAdapters(store, arena, lora);
    }
    LoraMerge.apply(arena);
    List<Parameter> weights =
        owned.stream().filter(parameter -> !LoraSpec.isAdapter(parameter.name())).toList();
    if (weights.isEmpty()) {
      return Saved.NOTHING;
    }
    String file =
        grid.ppSize() == 1
            ? ModelWeights.SINGLE_FILE
            : "model-%05d-of-%05d.safetensors"
                .formatted(grid.ppRank(transport.rank()) + 1, grid.ppSize());
    return new Saved(file, WeightWriter.write(store, file, weights, DType.F32));
  }

  private Saved saveAdapters(CheckpointStore store, ParameterArena arena, LoraConfig lora)
      throws IOException {
    AdapterGathering gathering =
        new AdapterGathering(plan, transport, grid.pipelineOf(transport.rank()));
    try (PointerScope scope = new PointerScope()) {
      List<Parameter> adapters = gathering.gather(arena);
      if (!gathering.gathersHere()) {
        return Saved.NOTHING;
      }
      return new Saved(
          AdapterFolder.WEIGHTS,
          AdapterFolder.write(store, lora, plan.lora().modules(), adapters, baseModel));
    }
  }
}
