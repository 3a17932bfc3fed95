package dev.penstock.engine.pipeline;

import dev.penstock.engine.model.StageModule;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A model given as consecutive stages, each of which takes what the one before it emits. A rank
 * makes only its own stages.
 */
public interface StagedModel {
  int numStages();

  /**
   * Makes a stage; called once for each of the rank's stages, on the rank's thread.
   *
   * @return owned and closed by the pipeline
   */
  StageModule stage(int stage);

  /** A model whose stages are made by a function of their number. */
  static StagedModel of(int numStages, IntFunction<StageModule> stages) {
    return new StagedModel() {
      @Override
      public int numStages() {
        return numStages;
      }

      @Override
      public StageModule stage(int stage) {
        return stages.apply(stage);
      }
    };
  }

  /** A model of TorchScript files, one a stage, in order. What they draw has seed 0. */
  static StagedModel ofTorchScript(List<String> files) {
    return ofTorchScript(files, 0);
  }

  /**
   * A model of TorchScript files, one a stage, in order.
   *
   * @param seed of what they draw at random, as dropout does: the same numbers for the same seed,
   *     stage, step and microbatch, whatever the schedule
   */
  static StagedModel ofTorchScript(List<String> files, long seed) {
    List<String> paths = List.copyOf(files);
    return of(
        paths.size(), stage -> TorchScriptStage.load(paths.get(stage), "stages." + stage, seed));
  }
}
