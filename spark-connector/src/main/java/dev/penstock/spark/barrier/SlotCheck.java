package dev.penstock.spark.barrier;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.spark.interop.TaskProfile;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;

/**
 * Makes sure that all ranks can start at once. Spark's own check takes ten minutes to say no, and
 * does not say what to do.
 */
public final class SlotCheck {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

  private SlotCheck() {}

  /**
   * Waits until the executors there are have a task slot for each rank, or, once {@code timeout} is
   * over, for as many as will do. Where the number of slots is fixed there is nothing to wait for.
   *
   * @param profile what each takes
   * @param least ranks that will do
   * @param lines told of the wait every ten seconds
   * @return how many slots there are
   * @throws ConfigException if there are not even so many
   */
  public static int await(
      TaskProfile profile,
      ParallelConfig parallel,
      int least,
      Duration timeout,
      Consumer<String> lines)
      throws InterruptedException {
    SparkContext context = profile.context();
    if (!context.isLocal() && context.conf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new ConfigException(
          "Barrier stages cannot run with spark.dynamicAllocation.enabled=true. Start the"
              + " application with spark.dynamicAllocation.enabled=false and a fixed number of"
              + " executors.");
    }
    long start = System.nanoTime();
    Duration nextLine = LINE_INTERVAL;
    int slots = profile.available();
    while (slots < parallel.worldSize()) {
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      if (context.isLocal() || waited.compareTo(timeout) >= 0) {
        if (slots >= least) {
          return slots;
        }
        throw new ConfigException(tooFew(profile, parallel, slots, waited));
      }
      if (waited.compareTo(nextLine) >= 0) {
        lines.accept(
            String.format(
                Locale.ROOT,
                "has waited %d s for executors: there are %d task slots of %d",
                waited.toSeconds(),
                slots,
                parallel.worldSize()));
        nextLine = nextLine.plus(LINE_INTERVAL);
      }
      Thread.sleep(POLL.toMillis());
      slots = profile.available();
    }
    return slots;
  }

  private static String tooFew(
      TaskProfile profile, ParallelConfig parallel, int slots, Duration waited) {
    SparkContext context = profile.context();
    String need =
        String.format(
            Locale.ROOT,
            "ppSize %d x dpSize %d = %d ranks need as many task slots at once, but %s has %d",
            parallel.ppSize(),
            parallel.dpSize(),
            parallel.worldSize(),
            context.master(),
            slots);
    return context.isLocal()
        ? need
            + String.format(
                Locale.ROOT,
                " (%s). Use master local[%d], or a smaller ppSize or dpSize.",
                profile,
                parallel.worldSize() * profile.cpus())
        : need
            + String.format(
                Locale.ROOT,
                (" after %d s (resourceTimeout; %s). Start more executors, give them more cores or"
                    + " GPUs, or use a smaller ppSize or dpSize."),
                waited.toSeconds(),
                profile);
  }
}
