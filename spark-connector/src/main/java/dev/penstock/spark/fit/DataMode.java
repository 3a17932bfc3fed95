package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.spark.barrier.FreeSlots;
import dev.penstock.spark.interop.TaskProfile;
import dev.penstock.spark.params.TrainerParams;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;

/**
 * Whether the data of a fit are staged or come as a stream, which takes a slot beside the ranks.
 */
enum DataMode {
  STAGED,
  STREAM;

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
  private static final long POLL_MILLIS = 200;

  /**
   * Decides it: as the Params say, or as the checkpoint does that the fit goes on from.
   *
   * @param ranks task slots that the ranks take
   * @param profile what each takes
   * @param lines told if there is no slot for a stream
   * @throws ConfigException if there is none, and the run was a stream before
   */
  static DataMode of(
      TrainerParams<?> params,
      Optional<RunCheckpoints.Found> from,
      int ranks,
      TaskProfile profile,
      Consumer<String> lines)
      throws InterruptedException {
    if (!params.getDataMode().equals("stream")) {
      return STAGED;
    }
    if (from.isPresent() && !FitIdentity.isStream(from.get().newest().identity())) {
      lines.accept("the data are staged, as they were before the checkpoint (dataMode)");
      return STAGED;
    }
    FreeSlots free = FreeSlots.beside(profile);
    Duration longest = Duration.ofSeconds(params.getResourceTimeout());
    if (await(free, ranks, longest.compareTo(LONGEST_WAIT) < 0 ? longest : LONGEST_WAIT)) {
      return STREAM;
    }
    String missing = missing(free, ranks);
    if (from.isPresent()) {
      throw new ConfigException(
          missing + " The run was a stream before its checkpoint, and goes on as one alone.");
    }
    lines.accept(missing + " The data are staged.");
    return STAGED;
  }

  /** Slots that a fit has to itself: a stream takes those that other fits would share. */
  int slots(ParallelConfig parallel, TaskProfile profile) {
    return this == STREAM
        ? Math.max(parallel.worldSize(), profile.available())
        : parallel.worldSize();
  }

  /**
   * Waits for a slot beside the ranks: executors may still be coming, or come again; in local mode
   * none do.
   *
   * @return whether there is one
   */
  static boolean await(FreeSlots free, int ranks, Duration longest) throws InterruptedException {
    boolean local = free.ranks().context().isLocal();
    long deadline = System.nanoTime() + longest.toNanos();
    while (free.of(ranks) == 0) {
      if (local || System.nanoTime() >= deadline) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  /** That there is no slot, and what gives one. */
  static String missing(FreeSlots free, int ranks) {
    SparkContext context = free.ranks().context();
    int slots = free.others().available();
    String remedy =
        context.isLocal()
            ? String.format(
                Locale.ROOT,
                "master local[%d] gives one",
                ranks * free.ranks().cpus() + free.others().cpus())
            : "one more executor, or more cores in each (spark.executor.cores), give one";
    return String.format(
        Locale.ROOT,
        "dataMode stream needs a task slot beside the %d ranks to tokenize in, but they take all %d of %s: %s.",
        ranks,
        slots,
        context.master(),
        remedy);
  }
}
