package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.SaveConfig;
import dev.penstock.storage.Folder;

/**
 * Where and how trained weights are saved.
 *
 * @param folder becomes part of a Hugging Face model folder
 * @param config dtype and size of the files
 */
public record ModelOutput(Folder folder, SaveConfig config) {
  public ModelOutput {
    requireNonNull(folder, "folder is null");
    requireNonNull(config, "config is null");
  }

  /** Float32 in files of the default size. */
  public static ModelOutput of(Folder folder) {
    return new ModelOutput(folder, SaveConfig.DEFAULT);
  }
}
