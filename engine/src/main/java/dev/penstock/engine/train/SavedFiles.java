package dev.penstock.engine.train;

import dev.penstock.engine.config.SaveConfig;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.plan.TrainingPlan;
import java.util.List;
import java.util.Map;

/** The weight files that a run will write, before it does. Pure Java. */
public final class SavedFiles {
  private SavedFiles() {}

  /** Bytes of the tensors of each file, by its name. */
  public static Map<String, Long> of(TrainingPlan plan, SaveConfig config) {
    if (!plan.config().savesAdapters()) {
      return new ShardPlan(plan, config).sizes();
    }
    long numel = 0;
    for (int ppRank = 0; ppRank < plan.config().parallel().ppSize(); ppRank++) {
      for (List<String> modules : plan.modulesOf(ppRank).values()) {
        numel +=
            RankModel.shapes(plan.spec(), modules, plan.lora()).stream()
                .filter(shape -> LoraSpec.isTrained(shape.name()))
                .mapToLong(TensorShape::numel)
                .sum();
      }
    }
    return Map.of(AdapterFolder.WEIGHTS, numel * config.elementBytes());
  }
}
