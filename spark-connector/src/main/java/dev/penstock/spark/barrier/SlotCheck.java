package dev.penstock.spark.barrier;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.spark.interop.TaskSlots;
import java.time.Duration;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that all ranks can start at once. Spark's own check takes ten minutes to say no, and
 * does not say what to do.
 */
public final class SlotCheck {
  private static final Logger log = LoggerFactory.getLogger(SlotCheck.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  private SlotCheck() {}

  /**
   * Waits until the executors there are have a task slot for each rank, or, once {@code timeout} is
   * over, for as many as will do. Where the number of slots is fixed there is nothing to wait for.
   *
   * @param least ranks that will do
   * @return how many slots there are
   * @throws ConfigException if there are not even so many
   */
  public static int await(
      SparkContext context, ParallelConfig parallel, int least, Duration timeout)
      throws InterruptedException {
    if (!context.isLocal() && context.conf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new ConfigException(
          "Barrier stages cannot run with spark.dynamicAllocation.enabled=true. Start the"
              + " application with spark.dynamicAllocation.enabled=false and a fixed number of"
              + " executors.");
    }
    long start = System.nanoTime();
    Duration nextLog = LOG_INTERVAL;
    int slots = TaskSlots.available(context);
    while (slots < parallel.worldSize()) {
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      if (context.isLocal() || waited.compareTo(timeout) >= 0) {
        if (slots >= least) {
          return slots;
        }
        throw new ConfigException(tooFew(context, parallel, slots, waited));
      }
      if (waited.compareTo(nextLog) >= 0) {
        log.info("Waiting for task slots: {} of {}", slots, parallel.worldSize());
        nextLog = nextLog.plus(LOG_INTERVAL);
      }
      Thread.sleep(POLL.toMillis());
      slots = TaskSlots.available(context);
    }
    return slots;
  }

  private static String tooFew(
      SparkContext context, ParallelConfig parallel, int slots, Duration waited) {
    String need =
        String.format(
            Locale.ROOT,
            "ppSize %d x dpSize %d = %d ranks need as many task slots at once, but %s has %d",
            parallel.ppSize(),
            parallel.dpSize(),
            parallel.worldSize(),
            context.master(),
            slots);
    String cpus = context.conf().get("spark.task.cpus", "1");
    return context.isLocal()
        ? need
            + String.format(
                Locale.ROOT,
                " (spark.task.cpus=%s). Use master local[%d], or a smaller ppSize or dpSize.",
                cpus,
                parallel.worldSize() * Integer.parseInt(cpus))
        : need
            + String.format(
                Locale.ROOT,
                (" after %d s (resourceTimeout; spark.task.cpus=%s). Start more executors, give them"
                    + " more cores or GPUs, or use a smaller ppSize or dpSize."),
                waited.toSeconds(),
                cpus);
  }
}
