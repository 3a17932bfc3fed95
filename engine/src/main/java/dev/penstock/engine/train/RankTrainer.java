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
import dev.penstock.engine.model.ParameterRange;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.ActionObserver;
import dev.penstock.engine.runtime.RankNumbers;
import dev.penstock.engine.runtime.RankRuntime;
import dev.penstock.engine.runtime.TimelineRecorder;
import dev.penstock.engine.torch.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
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
  private final RankRuntime.StageTypes types;
  private final Rendezvous rendezvous;
  private final RankAddress address;
  private final RankInputs inputs;
  private final ProcessGrid grid;
  private final PhaseClock clock = new PhaseClock();
  private final AtomicReference<@Nullable Throwable> abortCause = new AtomicReference<>();
  private volatile @Nullable Transport transport;
  private volatile long progress;
  private volatile boolean stopRequested;

  public RankTrainer(
      TrainingConfig config, Rendezvous rendezvous, RankAddress address, RankInputs inputs) {
    this.config = config;
    this.plan = TrainingPlan.of(config);
    plan.checkSeqLength(config.batch().seqLength());
    if (plan.lora() == null && inputs.weights() != null && inputs.weights().adapter() != null) {
      throw new ConfigException(
          "The run starts from adapters, but its configuration has none: it needs a LoraConfig.");
    }
    boolean fresh = inputs.weights() == null || inputs.weights().adapter() == null;
    if (config.lora() != null && config.lora().options().needsFiles() && fresh) {
      throw new ConfigException(
          "Trained magnitudes, biases, tokens and whole modules beside adapters go on from a folder of adapters; they cannot be begun.");
    }
    types = RankStages.types(config.compute().precision(), address.device());
    this.rendezvous = rendezvous;
    this.address = address;
    this.inputs = inputs;
    this.grid = new ProcessGrid(config.parallel().ppSize(), config.parallel().dpSize());
  }

  /**
   * Grows with every action of a microbatch, in training and in validation, and every phase of the
   * run: a watchdog sees by it whether the rank moves.
   */
  public long progress() {
    return progress;
  }

  /**
   * Ends the run after the step that it is in, with a checkpoint if it makes any, and without
   * saving the model. Enough if one rank is told; any thread may.
   */
  public void requestStop() {
    stopRequested = true;
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
    try {
      begin("natives");
      Threads.configure(inputs.threads(), types.activation());
      begin("connect");
      try (Transport connected = Transports.connect(rendezvous, address, inputs.timeout())) {
        transport = connected;
        Throwable cause = abortCause.get();
        if (cause != null) {
          connected.abort(cause);
        }
        try {
          return train(connected);
        } catch (Throwable e) {
          // Peers that wait for this rank hear why before their own timeouts would tell them less.
          connected.abort(e);
          throw e;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Rank " + rendezvous.rank() + ": " + e.getMessage(), e);
    } finally {
      closeSources();
    }
  }

  private void begin(String phase) {
    clock.begin(phase);
    moved();
  }

  /** Called by the rank's thread alone. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void moved() {
    progress++;
  }

  private RankResult train(Transport connected) throws IOException {
    begin("build");
    TimelineRecorder recorder =
        new TimelineRecorder(grid.ppRank(rendezvous.rank()), inputs.timelineSteps());
    ActionObserver observer =
        (action, beginNanos, endNanos) -> {
          moved();
          recorder.onAction(action, beginNanos, endNanos);
        };
    try (RankStages stages =
            RankStages.create(plan, grid, connected, types, new TokenCrossEntropy(), observer);
        OptimizerStep optimizer =
            new OptimizerStep(plan, grid, connected, stages, config.optimizer(), address.device());
        Validation validation = validation(connected, stages)) {
      RankState state =
          new RankState(
              stages.model().arena(), optimizer, validation, share(stages.model().arena()));
      try (RankCheckpoints checkpoints = checkpoints(connected, state)) {
        BatchFeed feed =
            new BatchFeed(config, plan, grid, connected, inputs.source(), address.device());
        return train(
            connected,
            new TrainingLoop.Parts(
                stages,
                optimizer,
                feed,
                recorder,
                new RankWatch(grid, rendezvous.rank(), recorder, inputs.listener()),
                validation,
                checkpoints),
            state);
      }
    }
  }

  private RankResult train(Transport connected, TrainingLoop.Parts parts, RankState state)
      throws IOException {
    boolean reports = reports();
    TrainingLoop loop =
        new TrainingLoop(
            config,
            parts,
            clock,
            reports ? inputs.listener() : null,
            () -> stopRequested,
            steps -> moved());
    begin("weights");
    RankRestore.Restored restored = startingState(connected, parts.stages(), state);
    if (restored != null) {
      loop.resume(restored);
    }
    begin("steps");
    loop.run();
    begin("save");
    List<SavedShard> saved = loop.stopped() ? List.of() : save(connected, parts.stages());
    Validation validation = parts.validation();
    return new RankResult(
        rendezvous.rank(),
        loop.history(),
        validation == null ? List.of() : validation.reports(),
        validation == null ? 0 : validation.bestStep(),
        saved,
        parts.recorder().spans(),
        ProcessMemory.peakResidentBytes(),
        MemoryEstimate.of(
                plan,
                inputs.validation(),
                inputs.checkpoints() != null,
                !address.device().equals(RankStages.CPU))
            .get(grid.ppRank(rendezvous.rank())),
        clock.stop(),
        loop.dataSeconds(),
        summary(parts.checkpoints(), restored, loop.stopped()));
  }

  private static CheckpointSummary summary(
      @Nullable RankCheckpoints checkpoints,
      RankRestore.@Nullable Restored restored,
      boolean stopped) {
    if (checkpoints == null) {
      return stopped ? CheckpointSummary.NONE.asStopped() : CheckpointSummary.NONE;
    }
    return restored == null
        ? checkpoints.summary(0, stopped, List.of())
        : checkpoints.summary(restored.point().step(), stopped, restored.passedOver());
  }

  /** Whether this is the rank that knows the loss. */
  private boolean reports() {
    int lastRank = grid.pipelineOf(rendezvous.rank()).get(plan.lastStageRank());
    return rendezvous.rank() == lastRank && grid.dpRank(rendezvous.rank()) == 0;
  }

  private ParameterRange share(ParameterArena arena) {
    return ReplicaShares.share(arena, grid.dpRank(rendezvous.rank()), config.parallel().dpSize());
  }

  private RankNumbers numbers(Transport connected) {
    return new RankNumbers(connected, grid.all(), address.device());
  }

  private @Nullable RankCheckpoints checkpoints(Transport connected, RankState state) {
    CheckpointInputs wanted = inputs.checkpoints();
    return wanted == null
        ? null
        : new RankCheckpoints(
            wanted, state, numbers(connected), inputs.listener(), abortCause::get);
  }

  /** Fills the weights; from a checkpoint if the run goes on from one, which is returned then. */
  private RankRestore.@Nullable Restored startingState(
      Transport connected, RankStages stages, RankState state) throws IOException {
    CheckpointInputs checkpoints = inputs.checkpoints();
    CheckpointInputs.Resume resume = checkpoints == null ? null : checkpoints.resume();
    if (resume == null) {
      fillWeights(stages);
      return null;
    }
    if (plan.lora() != null) {
      fillWeights(stages); // a checkpoint has the adapters alone
    }
    return new RankRestore(state, numbers(connected), reports())
        .from(resume, checkpoints.identity());
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
      fresh.fill(arena, LoraSpec::isTrained);
    }
    weights.read(plan.spec(), arena);
  }

  private List<SavedShard> save(Transport connected, RankStages stages) throws IOException {
    ModelOutput output = inputs.output();
    if (output == null) {
      return List.of();
    }
    return new ModelSaving(plan, grid, connected).save(output, stages.model().arena());
  }
}
