package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.checkpoint.CheckpointStore;
import dev.penstock.engine.config.SaveConfig;

/**
 * Where and how trained weights are saved.
 *
 * @param folder becomes part of a Hugging Face model folder
 * @param config dtype and size of the files
 */
public record ModelOutput(CheckpointStore folder, SaveConfig config) {
  public ModelOutput {
    requireNonNull(folder, "folder is null");
    requireNonNull(config, "config is null");
  }

  /** Float32 in files of the default size. */
  public static ModelOutput of(CheckpointStore folder) {
    return new ModelOutput(folder, SaveConfig.DEFAULT);
  }
}
