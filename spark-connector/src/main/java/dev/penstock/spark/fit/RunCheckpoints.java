package dev.penstock.spark.fit;

import dev.penstock.engine.checkpoint.CheckpointException;
import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.CheckpointManifest;
import dev.penstock.engine.checkpoint.Retention;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.spark.barrier.CheckpointSpec;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.stream.StreamLedger;
import dev.penstock.storage.Lease;
import dev.penstock.storage.LeaseHeldException;
import dev.penstock.storage.LeaseHolder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of a fit's checkpoints, which it has to itself, and what it goes on from. */
final class RunCheckpoints implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunCheckpoints.class);

  /** The value of the Param resume for the newest checkpoint in checkpointPath. */
  static final String AUTO = "auto";

  /** Its value for a run that begins anew. */
  static final String NEVER = "never";

  private static final String DEFAULT_FOLDER = "checkpoints";
  private static final String SHARDS = "shards";
  private static final String STREAM = "stream";
  private static final Pattern ONE_CHECKPOINT = Pattern.compile("(.*)/step-(\\d{8,18})/*");

  /**
   * Checkpoints to go on from.
   *
   * @param folder where they are
   * @param steps those that can be read, newest first
   * @param newest the manifest of the first
   */
  record Found(String folder, List<Long> steps, CheckpointManifest newest) {
    /**
     * Refuses to go on where that gives other numbers.
     *
     * @param known what of the identity can be compared
     * @throws ConfigException with every difference
     */
    void check(RunIdentity identity, Predicate<String> known) {
      List<String> differences = newest.identity().differences(identity, known);
      if (!differences.isEmpty()) {
        throw new ConfigException(
            String.format(
                Locale.ROOT,
                "The fit cannot go on from the checkpoint of step %d in %s, for it would give other numbers. What differs: %s. Set these back, use another checkpointPath, or set resume to never, to begin anew.",
                steps.get(0),
                folder,
                String.join("; ", differences)));
      }
    }
  }

  private final TrainerParams<?> params;
  private final Configuration conf;
  private final String path;
  private final boolean named;
  private final Lease lease;
  private boolean begun;
  private boolean succeeded;

  private RunCheckpoints(
      TrainerParams<?> params, Configuration conf, String path, boolean named, Lease lease) {
    this.params = params;
    this.conf = conf;
    this.path = path;
    this.named = named;
    this.lease = lease;
  }

  /** Whether a fit makes checkpoints, if it may write where they go. */
  static boolean areWanted(TrainerParams<?> params) {
    return params.isDefined(params.checkpointPath()) || params.isDefined(params.outputPath());
  }

  /**
   * Claims the folder of a fit's checkpoints: checkpointPath, or {@code checkpoints/NAME} beside
   * the model folder NAME.
   *
   * @param model the model folder; null: it goes with the JVM, and so would checkpoints
   * @return null if the fit makes none
   * @throws ConfigException if another run that lives writes checkpoints there
   */
  static @Nullable RunCheckpoints claim(
      TrainerParams<?> params, @Nullable String model, String runId, Configuration conf)
      throws IOException {
    boolean named = params.isDefined(params.checkpointPath());
    if (!named && (model == null || new Path(model).getParent() == null)) {
      return null;
    }
    String path = named ? plain(params.getCheckpointPath()) : beside(model);
    try {
      Lease lease =
          Lease.take(HadoopFolder.of(path, conf), LeaseHolder.now("fit " + runId, 1), log::info);
      return new RunCheckpoints(params, conf, path, named, lease);
    } catch (LeaseHeldException e) {
      throw new ConfigException("checkpointPath " + e.getMessage(), e);
    } catch (IOException e) {
      if (named) {
        throw new ConfigException(
            "checkpointPath %s cannot be written: %s. Use a folder that this user may write."
                .formatted(path, e),
            e);
      }
      log.warn("No checkpoints are made, for {} cannot be written: {}", path, e.toString());
      return null;
    }
  }

  /** Without a slash at its end, for messages. */
  private static String plain(String folder) {
    return new Path(folder).toString();
  }

  private static String beside(String model) {
    Path folder = new Path(model);
    return new Path(new Path(folder.getParent(), DEFAULT_FOLDER), folder.getName()).toString();
  }

  /**
   * What the Param resume names.
   *
   * @return nothing if the run begins anew
   * @throws ConfigException if there is no checkpoint where one is named, or none can be read
   */
  Optional<Found> find() throws IOException {
    String resume = params.getResume();
    if (resume.equals(NEVER)) {
      return Optional.empty();
    }
    Matcher one = ONE_CHECKPOINT.matcher(resume);
    String folder = resume.equals(AUTO) ? path : plain(one.matches() ? one.group(1) : resume);
    CheckpointFolder checkpoints = new CheckpointFolder(HadoopFolder.of(folder, conf));
    List<Long> steps = one.matches() ? List.of(Long.valueOf(one.group(2))) : checkpoints.steps();
    if (steps.isEmpty()) {
      if (resume.equals(AUTO)) {
        return Optional.empty();
      }
      throw new ConfigException(
          "resume is %s, but there is no complete checkpoint. Set it to auto, never, or a folder of checkpoints."
              .formatted(resume));
    }
    return Optional.of(readable(checkpoints, folder, steps));
  }

  private static Found readable(CheckpointFolder checkpoints, String folder, List<Long> steps)
      throws IOException {
    List<Long> readable = new ArrayList<>();
    CheckpointManifest newest = null;
    CheckpointException damage = null;
    for (long step : steps) {
      try {
        CheckpointManifest manifest = checkpoints.read(step);
        newest = newest == null ? manifest : newest;
        readable.add(step);
      } catch (CheckpointException e) {
        damage = e;
        log.warn("Passed over the checkpoint of step {}: {}", step, e.getMessage());
      }
    }
    if (newest == null) {
      throw new ConfigException(
          "No checkpoint in %s can be read: %s Restore it, or set resume to never, to begin anew."
              .formatted(folder, damage == null ? "" : damage.getMessage()),
          damage);
    }
    return new Found(folder, readable, newest);
  }

  /**
   * What an attempt that follows another one of this fit goes on from.
   *
   * @param before what the first attempt went on from
   */
  Optional<Found> findAgain(RunIdentity identity, Optional<Found> before) throws IOException {
    CheckpointFolder checkpoints = new CheckpointFolder(HadoopFolder.of(path, conf));
    List<Long> own = new ArrayList<>();
    for (long step : checkpoints.steps()) {
      if (isOf(checkpoints, step, identity.run())) {
        own.add(step);
      }
    }
    return own.isEmpty() ? before : Optional.of(readable(checkpoints, path, own));
  }

  /** A folder may still have checkpoints of an older run, which this one was not to go on from. */
  private static boolean isOf(CheckpointFolder checkpoints, long step, String run)
      throws IOException {
    try {
      return checkpoints.read(step).identity().run().equals(run);
    } catch (CheckpointException e) {
      return false;
    }
  }

  /** What the ranks of an attempt are told. */
  CheckpointSpec spec(RunIdentity identity, String attempt, Optional<Found> from)
      throws IOException {
    lease.check();
    begun = true;
    return new CheckpointSpec(
        path,
        attempt,
        identity,
        params.<Integer>valueIfAny(TrainerOption.CHECKPOINT_SECONDS).orElse(0),
        new Retention(params.getCheckpointsToKeep(), params.getKeepBestCheckpoint()),
        from.map(Found::folder).orElse(null),
        from.map(Found::steps).orElse(List.of()));
  }

  /** One line on where a run goes on. */
  static String describe(Found from, long numSteps, long stepsDone) {
    long step = from.newest.point().step();
    String line =
        String.format(
            Locale.ROOT,
            "goes on at step %s, from %s/%s, written %s ago",
            place(step, numSteps),
            from.folder,
            CheckpointFolder.nameOf(step),
            age(from.newest.written()));
    return stepsDone > step
        ? line + String.format(Locale.ROOT, "; %,d steps are done again", stepsDone - step)
        : line;
  }

  /** A step among all, if it is known how many there are. */
  static String place(long step, long numSteps) {
    return numSteps == StepSchedule.OPEN
        ? String.format(Locale.ROOT, "%,d", step)
        : String.format(Locale.ROOT, "%,d of %,d", step, numSteps);
  }

  private static String age(String written) {
    Duration age = Duration.between(Instant.parse(written), Instant.now());
    if (age.toHours() > 1) {
      return age.toHours() + " hours";
    }
    return age.toMinutes() > 1 ? age.toMinutes() + " minutes" : age.toSeconds() + " seconds";
  }

  /** Where they are. */
  String location() {
    return path;
  }

  /** Where token shards outlive a fit that may be resumed. */
  StagedShards shards() {
    return new StagedShards(new Path(path, SHARDS).toString(), lease.holder(), conf);
  }

  /** What the shards of a stream were, as the checkpoints in here need it. */
  StreamLedger ledger() throws IOException {
    return ledger(path, conf);
  }

  /** The same of the checkpoints in another folder. */
  static StreamLedger ledger(String folder, Configuration conf) throws IOException {
    return new StreamLedger(new Path(folder, STREAM).toString(), conf);
  }

  /** The step of the oldest checkpoint that is complete; 0: there is none. */
  long oldestStep() {
    try {
      return new CheckpointFolder(HadoopFolder.of(path, conf))
          .steps().stream().mapToLong(Long::longValue).min().orElse(0);
    } catch (IOException e) {
      log.warn("Cannot list the checkpoints in {}", path, e);
      return 0;
    }
  }

  /** The model is there: checkpoints stay only where the user has said so. */
  void succeeded() throws IOException {
    succeeded = true;
    if (!named && begun) {
      HadoopFolder folder = HadoopFolder.of(path, conf);
      for (String name : folder.folders()) {
        if (name.startsWith("step-")) {
          folder.folder(name).deleteAll(); // and what the dead left unfinished, which no list names
        }
      }
    }
  }

  private boolean mayBeResumed() throws IOException {
    return !succeeded && hasSteps();
  }

  private boolean hasSteps() throws IOException {
    return !new CheckpointFolder(HadoopFolder.of(path, conf)).steps().isEmpty();
  }

  @Override
  public void close() throws IOException {
    try (lease) {
      if (!mayBeResumed()) {
        shards().remove();
      }
      if (!hasSteps()) {
        ledger().clear();
      }
    }
    HadoopFolder folder = HadoopFolder.of(path, conf);
    if (succeeded && !named) {
      folder.delete(ModelContents.METRICS); // they are beside the model
    }
    folder.deleteIfEmpty();
    if (!named) {
      HadoopFolder.of(new Path(path).getParent().toString(), conf).deleteIfEmpty();
    }
  }
}
