package dev.penstock.spark.doctor;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.RunSecret;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.spark.barrier.SlotCheck;
import dev.penstock.spark.barrier.TaskLaunch;
import dev.penstock.spark.interop.BarrierRdd;
import dev.penstock.spark.interop.JavaBytes;
import dev.penstock.spark.interop.TaskProfile;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks every executor over by a barrier job as that of a fit, of a few seconds. */
public final class Doctor {
  private static final Logger log = LoggerFactory.getLogger(Doctor.class);

  private Doctor() {}

  /**
   * What was found.
   *
   * @param text a table of the ranks, below what is wrong
   * @param healthy whether a run is possible
   */
  public record Report(String text, boolean healthy) {}

  /**
   * Examines.
   *
   * @param ranks how many are to be there; 0: as many as there are task slots
   * @param paths that all executors must see
   * @param timeout longest to wait for task slots
   * @throws dev.penstock.engine.config.ConfigException if there are not so many slots, or other
   *     work holds them for longer
   */
  public static Report examine(SparkContext spark, int ranks, List<String> paths, Duration timeout)
      throws InterruptedException {
    int wanted = Math.max(1, ranks);
    TaskProfile profile = TaskProfile.ofSession(spark);
    int slots = SlotCheck.await(profile, new ParallelConfig(wanted, 1), wanted, timeout, log::info);
    int size = ranks == 0 ? Math.max(slots, profile.available()) : ranks;
    JavaSparkContext java = JavaSparkContext.fromSparkContext(spark);
    CheckupTask task =
        new CheckupTask(
            "doctor-" + UUID.randomUUID(),
            spark.isLocal(),
            LinkOptions.of(RunSecret.random()),
            paths,
            java.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())));
    List<Integer> elements = IntStream.range(0, size).boxed().toList();
    TaskLaunch launch =
        new TaskLaunch(profile, "look the executors over", size, timeout, () -> false, log::info);
    List<byte[]> answers =
        launch.await(
            BarrierRdd.of(java.parallelize(elements, size).mapPartitions(task)).collectAsync());
    List<Checkup> checkups =
        answers.stream()
            .map(bytes -> JavaBytes.read(bytes, Checkup.class))
            .sorted(Comparator.comparingInt(Checkup::rank))
            .toList();
    List<Diagnosis.Problem> problems = Diagnosis.of(checkups);
    return new Report(
        CheckupTable.draw(checkups, problems),
        problems.stream().noneMatch(Diagnosis.Problem::fatal));
  }
}
