package dev.penstock.engine.train;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.SaveConfig;
import dev.penstock.engine.model.LoraMerge;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.modelfiles.WeightWriter;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/**
 * Writes what a run has trained: each pipeline rank of the first replica its weights, or one rank
 * all adapters.
 */
record ModelSaving(TrainingPlan plan, ProcessGrid grid, Transport transport) {
  /**
   * Saves the rank's part; collective over the first replica.
   *
   * @return the files this rank wrote
   */
  List<SavedShard> save(ModelOutput output, ParameterArena arena) throws IOException {
    if (grid.dpRank(transport.rank()) != 0) {
      return List.of();
    }
    DType dtype = dtype(output.config());
    if (plan.config().savesAdapters()) {
      return saveAdapters(output.folder(), arena, dtype);
    }
    LoraMerge.apply(arena);
    List<SavedShard> saved = new ArrayList<>();
    Map<String, List<String>> files =
        new ShardPlan(plan, output.config()).filesOf(grid.ppRank(transport.rank()));
    WeightWriter.checkFits(
        files.values().stream().flatMap(List::stream).map(arena::parameter).toList(), dtype);
    for (Map.Entry<String, List<String>> file : files.entrySet()) {
      List<Parameter> weights = file.getValue().stream().map(name -> weight(arena, name)).toList();
      saved.add(
          new SavedShard(
              file.getKey(), WeightWriter.write(output.folder(), file.getKey(), weights, dtype)));
    }
    return saved;
  }

  /** A weight of the model, or what was trained in its place. */
  private static Parameter weight(ParameterArena arena, String name) {
    return new Parameter(name, arena.parameter(name).value(), null, false);
  }

  private static DType dtype(SaveConfig config) {
    return switch (config.dtype()) {
      case "bfloat16" -> DType.BF16;
      case "float16" -> DType.F16;
      default -> DType.F32;
    };
  }

  private List<SavedShard> saveAdapters(Folder store, ParameterArena arena, DType dtype)
      throws IOException {
    AdapterGathering gathering = new AdapterGathering(plan, grid, transport);
    try (PointerScope scope = new PointerScope()) {
      List<Parameter> adapters = gathering.gather(arena);
      if (!gathering.gathersHere()) {
        return List.of();
      }
      WeightWriter.checkFits(adapters, dtype);
      return List.of(
          new SavedShard(
              AdapterFolder.WEIGHTS,
              WeightWriter.write(store, AdapterFolder.WEIGHTS, adapters, dtype)));
    }
  }
}
