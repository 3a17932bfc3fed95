package dev.penstock.engine.train;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.connect.Transports;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.optim.LrSchedule;
import dev.penstock.engine.runtime.RankRuntime;
import dev.penstock.engine.runtime.TimelineRecorder;
import dev.penstock.engine.torch.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * The training loop of one rank: connects to the others, trains, saves its weights.
 *
 * <p>Make one per rank and attempt, and call {@link #train} once on the rank's thread; {@link
 * #abort} may come from any thread.
 */
public final class RankTrainer {
  private final TrainingConfig config;
  private final TrainingPlan plan;
  private final Rendezvous rendezvous;
  private final RankAddress address;
  private final RankInputs inputs;
  private final ProcessGrid grid;
  private final PhaseClock clock = new PhaseClock();
  private final List<Double> dataSeconds = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> abortCause = new AtomicReference<>();
  private volatile @Nullable Transport transport;
  private volatile long stepsDone;

  public RankTrainer(
      TrainingConfig config, Rendezvous rendezvous, RankAddress address, RankInputs inputs) {
    this.config = config;
    this.plan = TrainingPlan.of(config);
    plan.checkSeqLength(config.batch().seqLength());
    if (plan.lora() == null && inputs.weights() != null && inputs.weights().adapter() != null) {
      throw new ConfigException(
          "The run starts from adapters, but its configuration has none: it needs a LoraConfig.");
    }
    this.rendezvous = rendezvous;
    this.address = address;
    this.inputs = inputs;
    this.grid = new ProcessGrid(config.parallel().ppSize(), config.parallel().dpSize());
  }

  /** Steps taken so far: a watchdog sees by it whether the rank moves. */
  public long stepsDone() {
    return stepsDone;
  }

  /** Makes {@link #train} fail soon with this cause; returns at once. */
  public void abort(Throwable cause) {
    abortCause.compareAndSet(null, cause);
    Transport current = transport;
    if (current != null) {
      current.abort(cause);
    }
  }

  /**
   * Trains to the last step and saves.
   *
   * @throws RuntimeException naming rank, stage and microbatch where known; a {@code
   *     TransportException} is mostly the consequence of another rank's failure
   */
  public RankResult train() {
    clock.begin("natives");
    Threads.configure(inputs.threads());
    clock.begin("connect");
    try (Transport connected = Transports.connect(rendezvous, address, inputs.timeout())) {
      transport = connected;
      Throwable cause = abortCause.get();
      if (cause != null) {
        connected.abort(cause);
      }
      clock.begin("build");
      RankRuntime.StageTypes types =
          new RankRuntime.StageTypes(
              RankStages.dtype(config.compute().precision()), address.device());
      TimelineRecorder recorder =
          new TimelineRecorder(grid.ppRank(rendezvous.rank()), inputs.timelineSteps());
      try (RankStages stages =
              RankStages.create(plan, grid, connected, types, new TokenCrossEntropy(), recorder);
          OptimizerStep optimizer =
              new OptimizerStep(
                  plan, grid, connected, stages, config.optimizer(), address.device());
          Validation validation = validation(connected, stages)) {
        clock.begin("weights");
        fillWeights(stages);
        clock.begin("steps");
        List<StepReport> reports = loop(connected, optimizer, recorder, validation);
        clock.begin("save");
        List<SavedShard> saved = save(connected, stages);
        return new RankResult(
            rendezvous.rank(),
            reports,
            validation == null ? List.of() : validation.reports(),
            validation == null ? 0 : validation.bestStep(),
            saved,
            recorder.spans(),
            ProcessMemory.peakResidentBytes(),
            MemoryEstimate.of(plan).get(grid.ppRank(rendezvous.rank())),
            clock.stop(),
            dataSeconds);
      } catch (IOException e) {
        throw new UncheckedIOException("Rank " + rendezvous.rank() + ": " + e.getMessage(), e);
      } catch (RuntimeException e) {
        // Peers that wait for this rank hear why before their own timeouts would tell them less.
        connected.abort(e);
        throw e;
      }
    } finally {
      closeSources();
    }
  }

  private @Nullable Validation validation(Transport connected, RankStages stages) {
    ValidationConfig wanted = inputs.validation();
    return wanted == null
        ? null
        : new Validation(
            wanted, config, plan, connected, stages, inputs.validationSource(), address.device());
  }

  private void closeSources() {
    Stream.of(inputs.source(), inputs.validationSource())
        .filter(Objects::nonNull)
        .forEach(MicrobatchSource::close);
  }

  private void fillWeights(RankStages stages) throws IOException {
    ParameterArena arena = stages.model().arena();
    WeightInitializer fresh = new WeightInitializer(config.seed(), plan.spec().initializerRange());
    ModelFiles weights = inputs.weights();
    if (weights == null) {
      fresh.fill(arena);
      return;
    }
    if (weights.adapter() == null) {
      fresh.fill(arena, LoraSpec::isAdapter);
    }
    weights.read(plan.spec(), arena);
  }

  private List<StepReport> loop(
      Transport connected,
      OptimizerStep optimizer,
      TimelineRecorder recorder,
      @Nullable Validation validation) {
    LrSchedule schedule = new LrSchedule(config.lrSchedule(), config.optimizer().learningRate());
    int lastRank = grid.pipelineOf(rendezvous.rank()).get(plan.lastStageRank());
    BatchFeed feed =
        new BatchFeed(config, plan, grid, connected, inputs.source(), address.device());
    boolean reports = rendezvous.rank() == lastRank && grid.dpRank(rendezvous.rank()) == 0;
    List<StepReport> history = new ArrayList<>();
    long numSteps = feed.schedule().numSteps();
    for (long step = 0; step < numSteps; step++) {
      recorder.beginStep();
      long begin = System.nanoTime();
      double learningRate = schedule.at(step);
      try {
        double reading = accumulate(feed, step, optimizer);
        if (feed.readsRows()) {
          dataSeconds.add(reading);
        }
        StepOutcome outcome = optimizer.update(learningRate);
        recorder.endStep();
        stepsDone = step + 1;
        if (reports) {
          StepReport report = report(outcome, learningRate, begin);
          history.add(report);
          inputs.listener().onStep(report);
        }
        if (validation != null && validation.isDue(stepsDone, stepsDone == numSteps)) {
          clock.begin("validation");
          ValidationReport found = validation.run(stepsDone);
          clock.begin("steps");
          if (reports) {
            inputs.listener().onValidation(found);
          }
          if (validation.endsRun()) {
            break;
          }
        }
      } catch (TrainingException e) {
        throw new TrainingException(
            "Rank %d, step %d: %s".formatted(rendezvous.rank(), step + 1, e.getMessage()), e);
      }
    }
    if (validation != null) {
      validation.restoreBest();
    }
    return history;
  }

  /** Runs the pipeline steps of an optimizer step; returns what getting their rows took. */
  private static double accumulate(BatchFeed feed, long step, OptimizerStep optimizer) {
    int parts = feed.accumulationSteps();
    double readSeconds = 0;
    optimizer.numberPasses(step * parts);
    for (int part = 0; part < parts; part++) {
      try (PointerScope scope = new PointerScope()) {
        BatchFeed.Batch batch = feed.next(step, part);
        optimizer.accumulate(
            batch.data(), batch.countedTokens(), batch.countedWeight(), part == parts - 1);
        readSeconds += batch.readSeconds();
      }
    }
    return readSeconds;
  }

  private StepReport report(StepOutcome outcome, double learningRate, long beginNanos) {
    long tokens = (long) config.batch().globalBatchSize() * config.batch().seqLength();
    return new StepReport(
        stepsDone,
        outcome.loss(),
        outcome.gradNorm(),
        learningRate,
        outcome.countedTokens(),
        tokens,
        (System.nanoTime() - beginNanos) / 1e9,
        outcome.peakBytes());
  }

  private List<SavedShard> save(Transport connected, RankStages stages) throws IOException {
    ModelOutput output = inputs.output();
    if (output == null) {
      return List.of();
    }
    return new ModelSaving(plan, grid, connected).save(output, stages.model().arena());
  }
}
