package dev.penstock.spark;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/** Tasks of another job, in the same JVM, that hold task slots until they are let go. */
public final class HeldSlots implements AutoCloseable {
  private static final Map<String, CountDownLatch> RELEASED = new ConcurrentHashMap<>();
  private static final Map<String, CountDownLatch> TAKEN = new ConcurrentHashMap<>();

  private final String name;
  private final JavaFutureAction<Long> job;

  private HeldSlots(String name, JavaFutureAction<Long> job) {
    this.name = name;
    this.job = job;
  }

  /** Waits until so many tasks run. */
  public static HeldSlots take(SparkContext context, int slots) throws InterruptedException {
    String name = UUID.randomUUID().toString();
    RELEASED.put(name, new CountDownLatch(1));
    TAKEN.put(name, new CountDownLatch(slots));
    List<Integer> tasks = IntStream.range(0, slots).boxed().toList();
    JavaFutureAction<Long> job =
        JavaSparkContext.fromSparkContext(context)
            .parallelize(tasks, slots)
            .map(task -> hold(name))
            .countAsync();
    TAKEN.get(name).await();
    return new HeldSlots(name, job);
  }

  private static String hold(String name) throws InterruptedException {
    TAKEN.get(name).countDown();
    RELEASED.get(name).await();
    return name;
  }

  @Override
  public void close() throws Exception {
    RELEASED.get(name).countDown();
    job.get(30, TimeUnit.SECONDS);
  }
}
