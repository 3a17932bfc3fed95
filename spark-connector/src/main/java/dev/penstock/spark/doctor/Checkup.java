package dev.penstock.spark.doctor;

import dev.penstock.engine.comm.connect.LinkProbe;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a rank found where it runs.
 *
 * @param rank its number
 * @param where it runs
 * @param natives versions and instructions; empty if they cannot be loaded
 * @param gpus what Spark gave the rank, and what is there
 * @param kernels of matrix products
 * @param room memory and disk
 * @param link to the next rank; null: it is alone, or natives are missing
 * @param problems what failed, each with the remedy
 * @param paths what is wrong with the paths that were asked for, by path; empty text: nothing
 */
record Checkup(
    int rank,
    Place where,
    String natives,
    Gpus gpus,
    Kernels kernels,
    Room room,
    @Nullable LinkProbe link,
    List<String> problems,
    Map<String, String> paths)
    implements Serializable {
  Checkup {
    problems = List.copyOf(problems);
    paths = Map.copyOf(paths);
  }

  /**
   * Where a rank runs.
   *
   * @param processors of the host, as the JVM may use them
   * @param taskCores of a task, as Spark counts
   */
  record Place(String host, String executor, int processors, int taskCores)
      implements Serializable {}

  /**
   * GPUs.
   *
   * @param given addresses that Spark gave the task
   * @param onHost how many the host's driver knows
   * @param nccl whether NCCL and CUDA can be loaded; false where nothing was given
   */
  record Gpus(List<String> given, int onHost, boolean nccl) implements Serializable {}

  /**
   * How matrices are multiplied.
   *
   * @param forced OPENBLAS_CORETYPE; null: OpenBLAS goes by the processor
   * @param instructions the widest of the processor: avx512, avx2 or empty
   * @param gigaflops a second of a core in float32, measured; 0: not
   * @param bfloat16Gigaflops the same in bfloat16; 0: not, or the processor has no products in it
   */
  record Kernels(
      @Nullable String forced, String instructions, double gigaflops, double bfloat16Gigaflops)
      implements Serializable {}

  /**
   * What is free.
   *
   * @param memoryBytes of the host
   * @param heapBytes that the JVM may take of it
   * @param disk Spark's folder for what does not fit into memory
   * @param diskBytes there
   */
  record Room(long memoryBytes, long heapBytes, String disk, long diskBytes)
      implements Serializable {}
}
