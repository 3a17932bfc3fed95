package dev.penstock.engine.train;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.ParameterRange;
import dev.penstock.engine.optim.GradientClipping;
import dev.penstock.engine.optim.Optimizer;
import dev.penstock.engine.optim.WeightDecaySchedule;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.GradientListener;
import dev.penstock.engine.runtime.RankNumbers;
import dev.penstock.engine.runtime.StepData;
import dev.penstock.engine.torch.HostTensors;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The optimizer steps of a rank: the gradients of one or more pipeline steps are summed, then made
 * those of the mean loss over all counted tokens, clipped by their norm over all ranks, and
 * applied.
 *
 * <p>The loss is summed over tokens and the gradient divided once, by the number of counted tokens
 * of the global batch, so the result does not depend on how the batch was cut. Used by the rank's
 * thread; {@link #close} frees the optimizer's state, not the stages.
 */
public final class OptimizerStep implements AutoCloseable {
  private static final int NUM_SUMS = 3;
  private static final int MAX_NAMED = 3;

  private final ProcessGrid grid;
  private final Transport transport;
  private final RankStages stages;
  private final GradientClipping clipping;
  private final Optimizer optimizer;
  private final WeightDecaySchedule weightDecay;
  private final List<TiedWeight> tied;
  private final @Nullable ReplicaReduction reduction;
  private final @Nullable ReplicaShares shares;
  private final List<Parameter> counted;
  private final RankNumbers numbers;
  private final TensorOptions statisticsOptions;
  private double lossSum;
  private long tokenSum;
  private double weightSum;

  /**
   * Makes the optimizer state of a rank.
   *
   * @param transport stays the caller's
   * @param stages stay the caller's
   */
  public OptimizerStep(
      TrainingPlan plan,
      ProcessGrid grid,
      Transport transport,
      RankStages stages,
      OptimizerConfig config,
      String device) {
    this.grid = grid;
    this.transport = transport;
    this.stages = stages;
    ParameterArena arena = stages.model().arena();
    tied = TiedWeight.of(plan, grid, transport.rank(), arena);
    counted = arena.ranges(this::isOwned).stream().map(arena::vector).toList();
    double maxNorm = config.clipping().maxGradNorm();
    // A norm of infinity is never reached: the norm is measured, nothing is scaled.
    clipping =
        new GradientClipping(
            maxNorm == 0 ? Double.POSITIVE_INFINITY : maxNorm, config.clipping().normType());
    List<Integer> replicas = grid.replicasOf(transport.rank());
    boolean replicated = replicas.size() > 1;
    reduction = replicated ? new ReplicaReduction(transport, replicas, stages.model()) : null;
    shares =
        replicated && config.shardState() ? new ReplicaShares(arena, replicas, transport) : null;
    ParameterRange share = shares == null ? arena.whole() : shares.own();
    optimizer = new Optimizer(config, DecayGroups.of(arena, share, config.noDecayPatterns()));
    weightDecay = new WeightDecaySchedule(config.weightDecay());
    numbers = new RankNumbers(transport, grid.all(), device);
    statisticsOptions = HostTensors.options(ScalarType.Double, device);
  }

  /** The transport's rank. */
  int rank() {
    return transport.rank();
  }

  /** The parameters that this rank counts in the norm and saves. */
  List<Parameter> owned() {
    return stages.model().arena().parameters().stream()
        .filter(parameter -> isOwned(parameter.name()))
        .toList();
  }

  private boolean isOwned(String name) {
    return tied.stream().allMatch(weight -> weight.isCounted(name));
  }

  /**
   * Takes a step of one pipeline step: {@link #accumulate} and {@link #update} in one.
   *
   * @param data the microbatches as this rank has them
   * @param localCounted counted tokens of the batch, on the first stage's rank; elsewhere 0
   */
  public StepOutcome run(StepData data, long localCounted, double learningRate) {
    accumulate(data, localCounted, localCounted, true);
    return update(learningRate);
  }

  /**
   * Runs one pipeline step and adds its gradient to what the arena holds; collective over the
   * pipeline.
   *
   * @param data the microbatches as this rank has them
   * @param countedTokens tokens of the batch that count, on the first stage's rank; elsewhere 0
   * @param countedWeight the sum of their weights, likewise: the loss and its gradient are divided
   *     by the sum over all ranks and parts
   * @param last whether {@link #update} follows: the replicas' gradients can be summed on the way
   */
  public void accumulate(StepData data, long countedTokens, double countedWeight, boolean last) {
    GradientListener listener = last && reduction != null ? reduction : GradientListener.NONE;
    lossSum += Arrays.stream(stages.runtime().step(data, listener)).sum();
    tokenSum += countedTokens;
    weightSum += countedWeight;
  }

  /**
   * Ends a step: updates the weights by the gradients accumulated since the last one; collective
   * over all ranks. Without a token that counts there is no gradient, so nothing is updated:
   * neither weights nor moments, and nothing decays.
   *
   * @param signals a few numbers that the ranks tell each other on the way, the same number of them
   *     on every rank
   * @throws TrainingException if the loss or gradient is not finite
   */
  public StepOutcome update(double learningRate, double... signals) {
    StepOutcome outcome = reduce(signals);
    if (outcome.isEmpty()) {
      clearGradients();
      return outcome;
    }
    double clipped = clipping.factor(outcome.gradNorm());
    optimizer.step(
        learningRate, weightDecay.at(optimizer.stepsTaken()), outcome.countedWeight() / clipped);
    if (shares != null) {
      shares.exchange();
    }
    stages.model().arena().publish();
    clearGradients();
    return outcome;
  }

  /**
   * All of {@link #update} but the update: leaves the gradient of the sum of the losses, which the
   * update divides by {@link StepOutcome#countedWeight} as it goes. One pass over the gradients
   * less.
   */
  public StepOutcome reduce(double... signals) {
    if (reduction != null) {
      reduction.finish();
    }
    tied.forEach(weight -> weight.sumGradients(transport));
    double[] sums = sumOverRanks(signals);
    lossSum = 0;
    weightSum = 0;
    tokenSum = 0;
    double weight = sums[1];
    int signalsAt = NUM_SUMS + grid.size();
    List<Long> peaks =
        Arrays.stream(sums, NUM_SUMS, signalsAt).mapToObj(bytes -> (long) bytes).toList();
    List<Double> heard = Arrays.stream(sums, signalsAt, sums.length).boxed().toList();
    if (weight == 0) {
      return StepOutcome.empty(peaks, heard);
    }
    double loss = sums[0] / weight;
    double norm =
        clipping.norm(counted, statisticsOptions, transport, grid.pipelineOf(transport.rank()))
            / weight;
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new TrainingException(notFinite(loss, norm));
    }
    return new StepOutcome(loss, norm, (long) sums[2], weight, peaks, heard);
  }

  private String notFinite(double loss, double norm) {
    String broken =
        Double.isFinite(loss)
            ? stages.model().arena().parameters().stream()
                .filter(OptimizerStep::hasBrokenGradient)
                .map(Parameter::name)
                .limit(MAX_NAMED)
                .collect(Collectors.joining(", "))
            : "";
    return "The loss is %s and the gradient norm %s%s. No update was made of it. Lower the learning rate, lengthen the warm-up, or look for broken rows."
        .formatted(
            loss,
            norm,
            broken.isEmpty() ? "" : "; not finite on this rank: gradients of " + broken);
  }

  private static boolean hasBrokenGradient(Parameter parameter) {
    Tensor gradient = parameter.gradientBuffer();
    try (PointerScope scope = new PointerScope()) {
      return gradient != null && !gradient.isfinite().all().item_bool();
    }
  }

  /**
   * What the optimizer keeps on this rank, for a checkpoint to be written from and restored into.
   * The views are in the caller's PointerScope.
   */
  List<MomentSlice> moments() {
    return MomentSlice.of(stages.model().arena(), optimizer.states());
  }

  /** Optimizer steps taken since the moments were zero. */
  public long stepsTaken() {
    return optimizer.stepsTaken();
  }

  /** Goes on after so many steps, once weights and {@link #moments} are restored. */
  public void resumeAfter(long steps) {
    stages.model().arena().publish();
    optimizer.resumeAfter(steps);
  }

  /** Sets every gradient to zero. */
  public void clearGradients() {
    stages.model().arena().gradients().zero_();
  }

  /** The sums over all ranks, then the memory of each rank, then the signals. */
  private double[] sumOverRanks(double[] signals) {
    double[] message = new double[NUM_SUMS + grid.size() + signals.length];
    message[0] = lossSum;
    message[1] = weightSum;
    message[2] = tokenSum;
    message[NUM_SUMS + transport.rank()] = ProcessMemory.peakResidentBytes();
    System.arraycopy(signals, 0, message, NUM_SUMS + grid.size(), signals.length);
    return numbers.sum(message);
  }

  @Override
  public void close() {
    optimizer.close();
    statisticsOptions.close();
  }
}
