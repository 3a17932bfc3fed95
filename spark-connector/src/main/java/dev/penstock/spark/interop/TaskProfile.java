package dev.penstock.spark.interop;

import java.util.Locale;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.ResourceProfileManager;
import org.apache.spark.resource.TaskResourceRequest;
import org.apache.spark.resource.TaskResourceRequests;
import scala.Option;

/**
 * What each task of a Spark stage takes of its executor: Spark's stage-level scheduling, as far as
 * it goes without dynamic allocation, which barrier stages do not go together with.
 *
 * @param context whose tasks they are
 * @param profile Spark's own form of it
 */
public record TaskProfile(SparkContext context, ResourceProfile profile) implements TaskSlots {
  private static final String CPUS = "cpus";
  private static final String GPU = "gpu";

  /** What {@code spark.task.cpus} and {@code spark.task.resource.*} say. */
  public static TaskProfile ofSession(SparkContext context) {
    return new TaskProfile(context, context.resourceProfileManager().defaultResourceProfile());
  }

  /**
   * The same with other cores and GPUs.
   *
   * @param gpus 0: none
   * @throws UnsupportedOperationException with Spark's words, if this cluster gives all tasks the
   *     same, or its executors do not have so much
   */
  public TaskProfile with(int cpus, double gpus) {
    TaskResourceRequests wanted = new TaskResourceRequests();
    for (TaskResourceRequest of : profile.taskResourcesJMap().values()) {
      if (!of.resourceName().equals(CPUS) && !of.resourceName().equals(GPU)) {
        wanted.resource(of.resourceName(), of.amount());
      }
    }
    wanted.cpus(cpus);
    if (gpus > 0) {
      wanted.resource(GPU, gpus);
    }
    ResourceProfileManager profiles = context.resourceProfileManager();
    try {
      ResourceProfile asked = new ResourceProfileBuilder().require(wanted).build();
      Option<ResourceProfile> known = profiles.getEquivalentProfile(asked);
      if (known.isDefined()) {
        return new TaskProfile(context, known.get());
      }
      profiles.addResourceProfile(asked);
      return new TaskProfile(context, asked);
    } catch (Exception e) { // Scala declares none
      throw new UnsupportedOperationException(e.getMessage(), e);
    }
  }

  /** The same without GPUs, where that is possible. */
  public TaskProfile withoutGpus() {
    if (gpus() == 0) {
      return this;
    }
    try {
      return with(cpus(), 0);
    } catch (UnsupportedOperationException e) {
      return this; // this cluster gives all tasks the same
    }
  }

  /** Cores of a task. */
  public int cpus() {
    return (int) amount(CPUS);
  }

  /** GPUs of a task; less than one where tasks share them. */
  public double gpus() {
    return amount(GPU);
  }

  private double amount(String resource) {
    TaskResourceRequest request = profile.taskResourcesJMap().get(resource);
    return request == null ? 0 : request.amount();
  }

  /** The number that Spark itself compares with the tasks of a barrier stage. */
  @Override
  public int available() {
    try {
      return context.maxNumConcurrentTasks(profile);
    } catch (LinkageError e) { // it is private to Spark
      return roughly();
    }
  }

  /** Without what the profile wants beside cores. */
  int roughly() {
    return context.defaultParallelism() / cpus();
  }

  /** Cores that Spark gave a running task. */
  public static int coresOf(TaskContext task) {
    try {
      return task.cpus(); // deprecated from Spark 4.3 on
    } catch (NoSuchMethodError e) {
      return coresByAmount(task);
    }
  }

  private static int coresByAmount(TaskContext task) {
    try {
      return ((Number) TaskContext.class.getMethod("cpuAmount").invoke(task)).intValue();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This Spark does not tell the cores of a task.", e);
    }
  }

  /** Lets the tasks that compute the elements take this. */
  public <T> JavaRDD<T> of(JavaRDD<T> rdd) {
    if (!profile.equals(context.resourceProfileManager().defaultResourceProfile())) {
      rdd.rdd().withResources(profile);
    }
    return rdd;
  }

  /** For messages. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d %s%s a task",
        cpus(),
        cpus() == 1 ? "core" : "cores",
        gpus() == 0 ? "" : " and GPUs: %s".formatted(gpus()));
  }
}
