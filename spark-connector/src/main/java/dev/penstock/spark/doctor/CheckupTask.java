package dev.penstock.spark.doctor;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.connect.LinkProbe;
import dev.penstock.engine.comm.connect.Transports;
import dev.penstock.engine.comm.nccl.NcclLibrary;
import dev.penstock.engine.torch.HostGpus;
import dev.penstock.engine.torch.MatrixRate;
import dev.penstock.engine.torch.NativeVersions;
import dev.penstock.engine.torch.Processor;
import dev.penstock.spark.barrier.BarrierRendezvous;
import dev.penstock.spark.barrier.RankDevice;
import dev.penstock.spark.interop.JavaBytes;
import dev.penstock.spark.interop.NativeSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Looks over where a barrier task runs. Gives a {@link Checkup} in Java's serialization. */
final class CheckupTask implements FlatMapFunction<Iterator<Integer>, byte[]> {
  private static final long serialVersionUID = 1L;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long MEASURED_TOKENS = 512;
  private static final String JVM = UUID.randomUUID().toString();

  private final String runId;
  private final boolean localMode;
  private final LinkOptions links;
  private final List<String> paths;
  private final Broadcast<SerializableConfiguration> conf;

  CheckupTask(
      String runId,
      boolean localMode,
      LinkOptions links,
      List<String> paths,
      Broadcast<SerializableConfiguration> conf) {
    this.runId = runId;
    this.localMode = localMode;
    this.links = links;
    this.paths = List.copyOf(paths);
    this.conf = conf;
  }

  @Override
  public Iterator<byte[]> call(Iterator<Integer> ranks) {
    BarrierTaskContext context = BarrierTaskContext.get();
    List<String> problems = new ArrayList<>();
    String natives = natives(problems);
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    Checkup.Gpus gpus = gpus(context, problems);
    BarrierRendezvous rendezvous = new BarrierRendezvous(context, runId, PATIENCE, links);
    boolean allHaveNatives = rendezvous.allGather(natives).stream().noneMatch(String::isEmpty);
    LinkProbe link = allHaveNatives ? probe(rendezvous, host, problems) : null;
    Checkup checkup =
        new Checkup(
            context.partitionId(),
            new Checkup.Place(
                host,
                SparkEnv.get().executorId(),
                Runtime.getRuntime().availableProcessors(),
                context.cpus()),
            natives,
            gpus,
            new Checkup.Kernels(
                System.getenv("OPENBLAS_CORETYPE"),
                HostFacts.instructions(),
                natives.isEmpty() ? 0 : MatrixRate.float32Flops(1, MEASURED_TOKENS) / 1e9,
                natives.isEmpty() || !Processor.ofThisMachine().multipliesBfloat16()
                    ? 0
                    : MatrixRate.bfloat16Flops(1, MEASURED_TOKENS) / 1e9),
            HostFacts.room(),
            link,
            problems,
            paths(conf.value().value()));
    return List.of(JavaBytes.of(checkup)).iterator();
  }

  private static String natives(List<String> problems) {
    try {
      NativeSettings.prepare();
      return NativeVersions.load();
    } catch (LinkageError | RuntimeException e) {
      problems.add(
          "The native libraries cannot be loaded (%s): put the natives of this platform (javacpp, openblas, pytorch of org.bytedeco) on the executors' class path, see docs/deploy.md."
              .formatted(e.getMessage()));
      return "";
    }
  }

  private Checkup.Gpus gpus(BarrierTaskContext context, List<String> problems) {
    List<String> given = RankDevice.of(context, localMode).gpus();
    boolean nccl = false;
    if (!given.isEmpty()) {
      try {
        NcclLibrary.require();
        nccl = true;
      } catch (IllegalStateException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return new Checkup.Gpus(given, HostGpus.count(), nccl);
  }

  private static @Nullable LinkProbe probe(
      BarrierRendezvous rendezvous, String host, List<String> problems) {
    if (rendezvous.size() == 1) {
      return null;
    }
    try (Transport transport =
        Transports.connect(rendezvous, new RankAddress(host, JVM, "cpu"), PATIENCE)) {
      return LinkProbe.measure(transport);
    } catch (RuntimeException e) {
      problems.add(
          "Ranks cannot reach each other: %s See rankInterface and rankPorts."
              .formatted(e.getMessage()));
      return null;
    }
  }

  private Map<String, String> paths(Configuration hadoop) {
    Map<String, String> found = new HashMap<>();
    for (String path : paths) {
      found.put(path, problem(path, hadoop));
    }
    return found;
  }

  private static String problem(String name, Configuration hadoop) {
    try {
      Path path = new Path(name);
      path.getFileSystem(hadoop).getFileStatus(path);
      return "";
    } catch (IOException | RuntimeException e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
  }
}
