package dev.penstock.examples.bench;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.connect.Transports;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.modelfiles.WeightReader;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.RankRuntime;
import dev.penstock.engine.runtime.RowSplit;
import dev.penstock.engine.runtime.StepData;
import dev.penstock.engine.runtime.TimelineRecorder;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.torch.Threads;
import dev.penstock.engine.train.BatchExchange;
import dev.penstock.engine.train.OptimizerStep;
import dev.penstock.engine.train.PhaseClock;
import dev.penstock.engine.train.RankStages;
import dev.penstock.engine.train.StepOutcome;
import dev.penstock.engine.train.TokenBatch;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/** One measured rank. */
final class BenchRank {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final BenchShape shape;
  private final Rendezvous rendezvous;
  private final String jvm;
  private final double jvmSeconds = BenchCommand.secondsSinceJvmStart();
  private final PhaseClock clock = new PhaseClock();
  private final TrainingConfig config;
  private final TrainingPlan plan;
  private final ProcessGrid grid;

  BenchRank(BenchShape shape, Rendezvous rendezvous, String jvm) throws IOException {
    this.shape = shape;
    this.rendezvous = rendezvous;
    this.jvm = jvm;
    clock.begin("plan");
    String modelConfig =
        shape.model == null
            ? shape.modelConfig()
            : Files.readString(Path.of(shape.model, "config.json"));
    config = shape.config(modelConfig);
    plan =
        shape.split.equals("measured")
            ? TrainingPlan.of(config, MeasuredCosts.of(config, rendezvous, shape.threads))
            : TrainingPlan.of(config);
    grid = new ProcessGrid(shape.ppSize, 1);
  }

  RankReport run() throws IOException {
    clock.begin("natives");
    RankRuntime.StageTypes types = RankStages.types(shape.method.precision(), "cpu");
    Threads.configure(shape.threads, types.activation());
    clock.begin("connect");
    RankAddress address = new RankAddress("127.0.0.1", jvm, "cpu");
    TimelineRecorder recorder = new TimelineRecorder(grid.ppRank(rendezvous.rank()), 1);
    try (Transport transport = Transports.connect(rendezvous, address, Duration.ofMinutes(5))) {
      clock.begin("build");
      try (RankStages stages =
              RankStages.create(plan, grid, transport, types, new TokenCrossEntropy(), recorder);
          OptimizerStep step =
              new OptimizerStep(plan, grid, transport, stages, config.optimizer(), "cpu")) {
        clock.begin("weights");
        load(stages);
        clock.begin("rows");
        return measure(transport, step, recorder);
      }
    }
  }

  private void load(RankStages stages) throws IOException {
    if (shape.model == null) {
      new WeightInitializer(0, 0.02).fill(stages.model().arena());
      return;
    }
    try (ModelWeights weights = ModelWeights.open(new LocalFolder(Path.of(shape.model)))) {
      WeightReader.read(plan.spec(), weights, stages.model().arena());
    }
  }

  private RankReport measure(Transport transport, OptimizerStep step, TimelineRecorder recorder)
      throws IOException {
    BatchExchange exchange =
        new BatchExchange(transport, plan.firstStageRank(), plan.lastStageRank(), "cpu");
    List<Integer> rows = RowSplit.sizes(shape.rows(), shape.numMicrobatches);
    int[][] data = BenchRows.of(shape, plan.spec().vocabSize());
    transport.barrier(grid.all());
    Map<String, Double> startup = new LinkedHashMap<>(Map.of("jvm", jvmSeconds));
    startup.putAll(clock.stop());
    List<Double> seconds = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    for (int s = 0; s < shape.steps; s++) {
      transport.barrier(grid.all());
      recorder.beginStep();
      long begin = System.nanoTime();
      long beginOfThread = THREADS.getCurrentThreadCpuTime();
      int[] ids = data[s % data.length];
      TokenBatch batch =
          transport.rank() == plan.firstStageRank()
              ? new TokenBatch(shape.rows(), shape.seq, ids, ids)
              : null;
      try (PointerScope scope = new PointerScope()) {
        StepData microbatches = exchange.distribute(batch, rows, shape.seq);
        long counted = batch == null ? 0 : BatchExchange.countedTokens(batch);
        StepOutcome outcome = step.run(microbatches, counted, shape.learningRate);
        losses.add(outcome.loss());
      }
      seconds.add((System.nanoTime() - begin) / 1e9);
      processor.add((THREADS.getCurrentThreadCpuTime() - beginOfThread) / 1e9);
    }
    startup.put("first_step", seconds.get(0));
    return RankReport.of(
        recorder.spans(), seconds, losses, RankReport.peakResidentMb(), processor, startup);
  }
}
