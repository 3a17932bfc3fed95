package dev.penstock.spark.barrier;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.BarrierTaskContext;

/**
 * Rendezvous of the tasks of a barrier stage. Spark's own allGather waits for a year if a task does
 * not come, and an interrupt does not end the wait: so each call runs on a thread of its own, and
 * the rank's thread waits for it with a timeout. A thread left behind ends with the Spark stage.
 */
public final class BarrierRendezvous implements Rendezvous {
  private final BarrierTaskContext context;
  private final String runId;
  private final Duration timeout;
  private final LinkOptions links;
  private int calls;

  public BarrierRendezvous(
      BarrierTaskContext context, String runId, Duration timeout, LinkOptions links) {
    this.context = context;
    this.runId = runId;
    this.timeout = timeout;
    this.links = links;
  }

  @Override
  public int rank() {
    return context.partitionId();
  }

  @Override
  public int size() {
    return context.numPartitions();
  }

  @Override
  public String runId() {
    return runId;
  }

  @Override
  public LinkOptions links() {
    return links;
  }

  @Override
  public List<String> allGather(String message) {
    calls++;
    FutureTask<String[]> gather = new FutureTask<>(() -> context.allGather(message));
    Thread thread = new Thread(gather, "rendezvous-" + rank());
    thread.setDaemon(true);
    thread.start();
    try {
      return List.of(gather.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      throw new TransportException(
          String.format(
              Locale.ROOT,
              ("Rank %d waited %d s at rendezvous %d (rendezvousTimeout), but not all of the %d ranks"
                  + " came. Look for what the others do in their executors' logs."),
              rank(),
              timeout.toSeconds(),
              calls,
              size()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransportException(
          String.format(Locale.ROOT, "Rank %d was interrupted at rendezvous.", rank()), e);
    } catch (ExecutionException e) {
      throw new TransportException(
          String.format(Locale.ROOT, "Rank %d: rendezvous %d failed.", rank(), calls),
          e.getCause());
    }
  }
}
