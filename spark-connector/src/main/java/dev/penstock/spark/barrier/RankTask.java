package dev.penstock.spark.barrier;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.SilentRankException;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.train.MicrobatchSource;
import dev.penstock.engine.train.ModelOutput;
import dev.penstock.engine.train.RankInputs;
import dev.penstock.engine.train.RankResult;
import dev.penstock.engine.train.RankTrainer;
import dev.penstock.spark.data.ShardMicrobatches;
import dev.penstock.spark.data.StreamMicrobatches;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.interop.NativeSettings;
import dev.penstock.spark.interop.TaskProfile;
import dev.penstock.spark.progress.RunReports;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One rank: the body of a barrier task. Gives the receipt of a {@link RankResult}. */
final class RankTask implements FlatMapFunction<Iterator<Integer>, byte[]> {
  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(RankTask.class);

  /** Shared by the ranks of one JVM, as are the statics through which they hand tensors over. */
  private static final String JVM = UUID.randomUUID().toString();

  /** Of stepTimeout: a rank that waits for data says so before its watchdog ends it. */
  private static final int PATIENCE_TENTHS = 9;

  private final RunSpec spec;
  private final boolean localMode;
  private final Broadcast<SerializableConfiguration> hadoopConf;
  private final RunReports reports;

  RankTask(
      RunSpec spec,
      boolean localMode,
      Broadcast<SerializableConfiguration> hadoopConf,
      RunReports reports) {
    this.spec = spec;
    this.localMode = localMode;
    this.hadoopConf = hadoopConf;
    this.reports = reports;
  }

  @Override
  public Iterator<byte[]> call(Iterator<Integer> ranks) throws Exception {
    BarrierTaskContext context = BarrierTaskContext.get();
    Configuration conf = hadoopConf.value().value();
    try {
      RankResult result = train(context, conf);
      ResultFiles results = new ResultFiles(spec.folders().results(), conf);
      return List.of(results.leave(result)).iterator();
    } catch (Throwable e) {
      leaveFailure(context, conf, e);
      throw e;
    }
  }

  private RankResult train(BarrierTaskContext context, Configuration conf) throws IOException {
    int rank = context.partitionId();
    String host = host(context);
    String device = RankDevice.of(context, localMode).choose(spec.device());
    log.info("Rank {} of {} on {}, {}", rank, context.numPartitions(), host, device);
    NativeSettings.prepare();
    SpareMemory.free();
    RankTrainer trainer = trainer(context, new RankAddress(host, JVM, device), conf);
    try (Watchdog watchdog =
            Watchdog.start(
                rank,
                context::isInterrupted,
                trainer::progress,
                spec.stepTimeout(),
                trainer::abort);
        @Nullable StopListener stop = stopListener(rank, trainer, conf)) {
      return train(trainer, watchdog);
    }
  }

  /** One rank that knows is enough. Without checkpoints nothing would come of it. */
  private @Nullable StopListener stopListener(int rank, RankTrainer trainer, Configuration conf)
      throws IOException {
    return rank == 0 && spec.checkpoints() != null
        ? StopListener.start(
            rank, new StopMarker(spec.folders().failures(), conf), trainer::requestStop)
        : null;
  }

  private RankTrainer trainer(BarrierTaskContext context, RankAddress address, Configuration conf)
      throws IOException {
    RankInputs inputs = inputs(context, conf);
    try {
      return new RankTrainer(
          spec.config(),
          new BarrierRendezvous(context, spec.runId(), spec.rendezvousTimeout(), spec.links()),
          address,
          inputs);
    } catch (Throwable e) {
      close(inputs.source(), e);
      close(inputs.validationSource(), e);
      throw e;
    }
  }

  private static void close(@Nullable MicrobatchSource source, Throwable failure) {
    try {
      if (source != null) {
        source.close();
      }
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static RankResult train(RankTrainer trainer, Watchdog watchdog) {
    try {
      return trainer.train();
    } catch (RuntimeException e) {
      RuntimeException timeout = watchdog.timeout();
      if (timeout != null) {
        timeout.addSuppressed(e);
        throw timeout;
      }
      throw e;
    }
  }

  private RankInputs inputs(BarrierTaskContext context, Configuration conf) throws IOException {
    RunSpec.Folders folders = spec.folders();
    MicrobatchSource source = source(context, folders.shards(), conf);
    try {
      return new RankInputs(
          source,
          folders.start() == null ? null : folders.start().files(conf),
          new ModelOutput(HadoopFolder.of(folders.output(), conf), spec.save()),
          reports,
          spec.threads() == null ? TaskProfile.coresOf(context) : spec.threads(),
          spec.stepTimeout(),
          spec.validation(),
          stagedSource(context.partitionId(), folders.validationShards(), conf),
          spec.timelineSteps(),
          spec.checkpoints() == null ? null : spec.checkpoints().inputs(conf));
    } catch (Throwable e) {
      close(source, e);
      throw e;
    }
  }

  private @Nullable MicrobatchSource source(
      BarrierTaskContext context, String shards, Configuration conf) throws IOException {
    int rank = context.partitionId();
    if (spec.stream() == null) {
      return stagedSource(rank, shards, conf);
    }
    return hasFirstStage(rank)
        ? StreamMicrobatches.open(
            shards,
            conf,
            spec.stream(),
            spec.config(),
            grid().dpRank(rank),
            spec.stepTimeout().multipliedBy(PATIENCE_TENTHS).dividedBy(10),
            context::isInterrupted)
        : null;
  }

  private @Nullable MicrobatchSource stagedSource(
      int rank, @Nullable String shards, Configuration conf) throws IOException {
    return shards != null && hasFirstStage(rank)
        ? ShardMicrobatches.open(shards, conf, spec.config(), grid().dpRank(rank))
        : null;
  }

  private boolean hasFirstStage(int rank) {
    return grid().ppRank(rank) == TrainingPlan.of(spec.config()).firstStageRank();
  }

  private ProcessGrid grid() {
    return new ProcessGrid(spec.config().parallel().ppSize(), spec.config().parallel().dpSize());
  }

  /** As the other executors reach it: the address is that of this task's executor, with a port. */
  private static String host(BarrierTaskContext context) {
    String address = context.getTaskInfos()[context.partitionId()].address();
    int port = address.lastIndexOf(':');
    return port < 0 ? address : address.substring(0, port);
  }

  /** Spark interrupts a task as soon as another one has failed, so this does not run in it. */
  private void leaveFailure(BarrierTaskContext context, Configuration conf, Throwable error) {
    int rank = context.partitionId();
    String where = "executor %s on %s".formatted(SparkEnv.get().executorId(), host(context));
    RankFailure own = RankFailure.of(rank, where, context.isInterrupted(), error);
    Uninterrupted.run("penstock-failure-" + rank, () -> leaveFailure(own, conf, error));
  }

  private void leaveFailure(RankFailure own, Configuration conf, Throwable error) {
    int rank = own.rank();
    try {
      FailureFiles files = new FailureFiles(spec.folders().failures(), conf);
      for (Throwable cause = error; cause != null; cause = cause.getCause()) {
        if (cause instanceof SilentRankException silence) {
          files.write(rank, RankFailure.silent(silence));
        }
      }
      if (files.write(rank, own)) {
        LastReports.leave(reports, HadoopFolder.of(spec.folders().failures(), conf));
      } else {
        log.warn("Rank {} of a run that is over failed: {}", rank, own.error());
      }
    } catch (IOException | RuntimeException e) {
      log.warn("Rank {} cannot leave what ended it", rank, e);
    }
  }
}
