package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.SaveConfig;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.train.SavedFiles;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.storage.FolderUpdate;
import dev.penstock.storage.Lease;
import dev.penstock.storage.LeaseHeldException;
import dev.penstock.storage.LeaseHolder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that a fit writes: claimed, written beside, committed. What it replaces goes only
 * then, and nothing of a failed fit stays.
 *
 * <p>Where moving a file is cheap, all files are written into a folder of the run's own in there.
 * Elsewhere, on object stores, the weights are written where they stay, under names that nothing
 * had before, and become part of a model by the small files that name them.
 */
final class RunFolder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunFolder.class);
  private static final int SUFFIX_LENGTH = 8;

  private final OutputFolder output;
  private final Configuration conf;

  /** What is undone in the end, the latest first. */
  private final Deque<Undo> undo = new ArrayDeque<>();

  private final Lease lease;
  private final FolderUpdate update;
  private final SaveConfig save;
  private final String weights;
  private final String scratch;
  private boolean committed;

  private interface Undo {
    void run() throws IOException;
  }

  private RunFolder(
      OutputFolder output,
      TrainingPlan plan,
      SaveConfig wanted,
      Optional<String> stagingDir,
      String id,
      LeaseHolder holder,
      Configuration conf)
      throws IOException {
    this.output = output;
    this.conf = conf;
    boolean claimed = false;
    try {
      HadoopFolder folder = output.folder();
      if (!folder.isThere() || output.temporary()) {
        undo.push(folder::deleteIfEmpty);
      }
      lease = take(folder, holder);
      undo.push(lease::close);
      recover(folder);
      output.checkContents();
      update = FolderUpdate.begin(folder, id);
      undo.push(
          () -> {
            if (!committed) {
              update.abandon();
            }
          });
      boolean inPlace = !folder.movesCheaply() && !plan.config().savesAdapters();
      save = inPlace ? announce(plan, wanted) : wanted;
      weights = inPlace ? folder.location() : update.files().location();
      if (stagingDir.isPresent()) {
        ClaimedScratch elsewhere = ClaimedScratch.claim(stagingDir.get(), id, holder, conf);
        undo.push(elsewhere::close);
        scratch = elsewhere.location();
      } else {
        scratch = update.scratch().location();
      }
      claimed = true;
    } finally {
      if (!claimed) {
        close();
      }
    }
  }

  /**
   * Claims the folder that the Params name. Nothing in it is touched unless it may be.
   *
   * @param inOwnFolder whether outputPath is only what the model's own folder lies in
   * @throws ConfigException if the fit reads from it, if something else than a model to replace is
   *     in it, if another run writes it, or if it cannot be written
   */
  static RunFolder claim(
      TrainerParams<?> params,
      RunInputs inputs,
      FitSources sources,
      String runId,
      boolean inOwnFolder,
      SparkContext spark)
      throws IOException {
    Configuration conf = spark.hadoopConfiguration();
    String id = runId.replaceAll("[^-._0-9A-Za-z]", "_");
    OutputFolder output = OutputFolder.of(params, id, inOwnFolder, spark);
    sources.checkApart(output.folder().location());
    SaveConfig save = new SaveConfig(params.getSaveDtype(), params.getMaxShardBytes());
    LeaseHolder holder =
        LeaseHolder.now(
            "fit %s (application %s, user %s)"
                .formatted(runId, spark.applicationId(), spark.sparkUser()),
            1);
    try {
      output.checkRoom(SavedFiles.of(inputs.plan(), save));
      return new RunFolder(
          output,
          inputs.plan(),
          save,
          params.valueIfAny(TrainerOption.STAGING_DIR),
          id,
          holder,
          conf);
    } catch (LeaseHeldException e) {
      throw new ConfigException("outputPath " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ConfigException(
          "outputPath %s cannot be written: %s. Use a folder that this user may write, on storage that has room."
              .formatted(output.folder().location(), e),
          e);
    }
  }

  private Lease take(HadoopFolder folder, LeaseHolder holder) throws IOException {
    return Lease.take(HadoopFolder.of(folder.location(), conf), holder, log::info);
  }

  private void recover(HadoopFolder folder) throws IOException {
    for (FolderUpdate.Recovered left : FolderUpdate.recover(folder, lease)) {
      log.info(
          left.completed()
              ? "Put the model in place that a run had completed in {} when it died"
              : "Removed {}, which a run that died left",
          left.folder());
    }
  }

  private SaveConfig announce(TrainingPlan plan, SaveConfig wanted) throws IOException {
    SaveConfig named = wanted;
    for (String name : SavedFiles.of(plan, wanted).keySet()) {
      if (output.folder().exists(name)) {
        named = wanted.withSuffix("-" + UUID.randomUUID().toString().substring(0, SUFFIX_LENGTH));
      }
    }
    Map<String, Long> files = SavedFiles.of(plan, named);
    update.announce(files.keySet());
    return named;
  }

  /** The folder that becomes the model. */
  String location() {
    return output.folder().location();
  }

  /** How the weights are saved. */
  SaveConfig save() {
    return save;
  }

  /** Where the ranks write them. */
  String weights() {
    return weights;
  }

  /** Where what belongs to them is written. */
  String files() {
    return update.files().location();
  }

  /** Where what tells of the run is written while it goes; it goes with the run. */
  String journal() {
    return update.folder().location();
  }

  /** Where the timeline goes, once the model is there. */
  String timeline() {
    return output.folder().folder(OutputFolder.TIMELINE).location();
  }

  String shards() {
    return child("shards");
  }

  String validationShards() {
    return child("validation");
  }

  /** Where ranks leave what ended them. */
  String failures() {
    return child("errors");
  }

  /** Where ranks leave what they have to tell. */
  String results() {
    return child("results");
  }

  private String child(String name) {
    return new Path(scratch, name).toString();
  }

  /**
   * Makes what was written the model of this folder.
   *
   * @throws IOException if the folder was lost to another run, or cannot be written; where the
   *     model is complete, the message says where
   */
  void commit() throws IOException {
    lease.check();
    update.commit(ModelContents.WHOLE, output.obsolete());
    committed = true;
    try {
      update.publish();
    } catch (IOException e) {
      throw new IOException(
          "The model is complete in %s, but could not be put in place; the next fit into %s does that first. %s"
              .formatted(update.folder().location(), location(), e.getMessage()),
          e);
    }
    TrainedFolders.put(location(), update.folder().location());
    if (output.temporary()) {
      log.info("No outputPath is set: {} is removed when this JVM ends", location());
    }
  }

  /** Removes what is not the model, and gives the folder back. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted(); // or nothing could be removed
    while (!undo.isEmpty()) {
      try {
        undo.pop().run();
      } catch (IOException | RuntimeException e) {
        log.warn("Cannot clean up {} after a run", location(), e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
