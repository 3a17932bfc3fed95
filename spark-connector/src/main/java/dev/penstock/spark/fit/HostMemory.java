package dev.penstock.spark.fit;

import com.sun.management.OperatingSystemMXBean;
import dev.penstock.engine.torch.Processor;
import dev.penstock.spark.barrier.TaskLaunch;
import dev.penstock.spark.interop.JavaBytes;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Where an executor runs.
 *
 * @param host as Spark calls it
 * @param executor Spark's id
 * @param bytes memory of the host or, where that is less, of the container; in use or not
 * @param gpuBytes memory of the smallest of the host's GPUs; 0: there is none, or it is not known
 * @param processor of the host
 */
record HostMemory(String host, String executor, long bytes, long gpuBytes, Processor processor)
    implements Serializable {
  private static HostMemory here(boolean onGpus) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    SparkEnv env = SparkEnv.get();
    return new HostMemory(
        env.blockManager().blockManagerId().host(),
        env.executorId(),
        system.getTotalMemorySize(),
        onGpus ? GpuMemory.ofSmallest() : 0,
        Processor.ofThisMachine());
  }

  /**
   * Asks the executors by a small job, of as many tasks as there are slots: Spark spreads them over
   * all that are free.
   *
   * @param onGpus whether to ask for the memory of GPUs too, which takes a process
   * @param launch waits for it
   * @throws dev.penstock.spark.barrier.TrainingFailedException if the job fails
   */
  static List<HostMemory> ask(SparkContext context, int slots, boolean onGpus, TaskLaunch launch)
      throws InterruptedException {
    List<Integer> tasks = IntStream.range(0, context.isLocal() ? 1 : slots).boxed().toList();
    JavaFutureAction<List<byte[]>> answers =
        JavaSparkContext.fromSparkContext(context)
            .parallelize(tasks, tasks.size())
            .map(task -> JavaBytes.of(here(onGpus)))
            .collectAsync();
    return launch.await(answers).stream()
        .map(bytes -> JavaBytes.read(bytes, HostMemory.class))
        .distinct()
        .toList();
  }
}
