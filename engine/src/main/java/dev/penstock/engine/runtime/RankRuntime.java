package dev.penstock.engine.runtime;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportException;
import dev.penstock.engine.model.DocumentLayout;
import dev.penstock.engine.model.LossFunction;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.StagePlacement;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.NativeMessage;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Runs one rank's actions of a lowered schedule over its stages: the one executor of every
 * schedule.
 *
 * <p>Gradients are added to the parameters and never zeroed or scaled here. Used by the rank's
 * thread; {@link #close} closes the stage modules.
 */
public final class RankRuntime implements AutoCloseable {
  private final PipelineSchedule training;
  private final PipelineSchedule evaluation;
  private final int ppRank;
  private final List<Integer> pipelineRanks;
  private final Transport transport;
  private final StagePlacement placement;
  private final Map<Integer, StageRunner> stages = new TreeMap<>();
  private final StageTypes types;
  private final StageShapes shapes;
  private final Tags tags;
  private final ActionObserver observer;

  private final Map<Long, PendingReceive> pending = new HashMap<>();
  private final Map<Long, Tensor> mailbox = new HashMap<>();
  private final Queue<PendingSend> sent = new ArrayDeque<>();
  private final Map<Integer, Tensor> losses = new TreeMap<>();
  private StepData data = StepData.NONE;
  private GradientListener gradients = GradientListener.NONE;
  private long computeBegin;
  private long stepsRun;
  private int peakLive;

  /**
   * Makes the runtime of a rank.
   *
   * @param training the lowered schedule, see {@code Lowering}
   * @param evaluation the same reduced to forward passes
   * @param pipelineRanks transport rank of each pipeline rank, this one among them
   * @param modules this rank's stages by stage id; closed with this
   */
  public RankRuntime(
      PipelineSchedule training,
      PipelineSchedule evaluation,
      List<Integer> pipelineRanks,
      Transport transport,
      Map<Integer, StageModule> modules,
      StageTypes types,
      LossFunction loss,
      ActionObserver observer) {
    this.training = requireNonNull(training, "training is null");
    this.evaluation = requireNonNull(evaluation, "evaluation is null");
    this.pipelineRanks = List.copyOf(pipelineRanks);
    this.transport = requireNonNull(transport, "transport is null");
    this.observer = requireNonNull(observer, "observer is null");
    this.types = requireNonNull(types, "types is null");
    placement = training.placement();
    ppRank = pipelineRanks.indexOf(transport.rank());
    tags = new Tags(training.numMicrobatches());
    int last = training.numStages() - 1;
    modules.forEach(
        (stage, module) ->
            stages.put(stage, new StageRunner(module, stage == 0, stage == last ? loss : null)));
    shapes = new StageShapes(placement, this.pipelineRanks, transport, types, this::stage);
  }

  /**
   * Dtype and device of what stages exchange.
   *
   * @param activation dtype of activations and their gradients
   * @param device e.g. {@code cpu} or {@code cuda:0}
   */
  public record StageTypes(ScalarType activation, String device) {}

  /** Whether this rank has the first stage. */
  public boolean hasFirstStage() {
    return placement.rankOf(0) == ppRank;
  }

  /** Whether this rank has the last stage. */
  public boolean hasLastStage() {
    return placement.rankOf(placement.numStages() - 1) == ppRank;
  }

  /** Most microbatches, over all stages of the rank, that were live at once. */
  public int peakLive() {
    return peakLive;
  }

  /**
   * One forward and backward pass of every microbatch; collective over the pipeline.
   *
   * @return the loss of each microbatch in order, on the rank of the last stage; elsewhere empty
   */
  public double[] step(StepData stepData) {
    return step(stepData, GradientListener.NONE);
  }

  /** As {@link #step(StepData)}, and tells which stages have all their gradients. */
  public double[] step(StepData stepData, GradientListener listener) {
    gradients = requireNonNull(listener, "listener is null");
    try {
      return run(training, stepData, true);
    } finally {
      gradients = GradientListener.NONE;
      stepsRun++;
    }
  }

  /** Goes on after so many steps: what is random in a step depends on its number. */
  public void resumeAfter(long steps) {
    stepsRun = steps;
  }

  /** Forward passes only; gradients are left alone. Parameters and result as {@link #step}. */
  public double[] evaluate(StepData stepData) {
    return run(evaluation, stepData, false);
  }

  /**
   * Shows the last stage's outputs of all further steps to {@code sink}, on its rank; null: to
   * nobody, which saves making them where the stage leaves its head to the loss.
   */
  public void showOutputs(@Nullable OutputSink sink) {
    stages.values().forEach(stage -> stage.showOutputs(sink));
  }

  private double[] run(PipelineSchedule schedule, StepData stepData, boolean train) {
    data = stepData;
    try {
      shapes.agree(stepData);
      for (Action action : schedule.ranks().get(ppRank)) {
        perform(action, train);
      }
      finishSends(true);
      return lossValues();
    } finally {
      release();
    }
  }

  private void perform(Action action, boolean train) {
    try {
      computeBegin = System.nanoTime();
      execute(action, train);
      observer.onAction(action, computeBegin, System.nanoTime());
      gradients.onAction();
    } catch (TransportException e) {
      throw new TransportException(describe(action) + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new PipelineException(describe(action) + " failed: " + NativeMessage.of(e), e);
    }
  }

  private String describe(Action action) {
    return String.format(
        Locale.ROOT,
        "Rank %d, stage %d, microbatch %d, action %s",
        transport.rank(),
        action.stage(),
        action.microbatch(),
        action);
  }

  private void execute(Action action, boolean train) {
    int stage = action.stage();
    int microbatch = action.microbatch();
    switch (action.type()) {
      case F -> forward(stage, microbatch, train);
      case I -> backwardInput(stage, microbatch);
      case W -> stage(stage).backwardWeight(microbatch);
      case B -> backward(stage, microbatch);
      case OVERLAP_F_B -> action.parts().forEach(part -> perform(part, train));
      case SEND_F -> send(tags.activation(stage, microbatch), stage + 1);
      case SEND_B -> send(tags.gradient(stage, microbatch), stage - 1);
      case RECV_F ->
          receive(tags.activation(stage - 1, microbatch), stage - 1, stage - 1, microbatch);
      case RECV_B -> receive(tags.gradient(stage + 1, microbatch), stage + 1, stage, microbatch);
      case REDUCE_GRAD -> gradients.onComplete(stage);
      case UNSHARD, RESHARD -> {
        // Parameters are not sharded.
      }
    }
  }

  private void forward(int stage, int microbatch, boolean train) {
    StageRunner runner = stage(stage);
    boolean first = stage == 0;
    Tensor input =
        first ? data.inputs().get(microbatch) : take(tags.activation(stage - 1, microbatch));
    Tensor target = runner.isLast() ? data.targets().get(microbatch) : null;
    DocumentLayout documents = data.documentsOf(microbatch);
    computeBegin = System.nanoTime();
    Tensor result =
        train
            ? runner.forward(microbatch, pass(microbatch), input, documents, target)
            : runner.evaluate(microbatch, input, documents, target);
    peakLive = Math.max(peakLive, stages.values().stream().mapToInt(StageRunner::live).sum());
    if (!first) {
      input.close();
    }
    if (runner.isLast()) {
      losses.put(microbatch, result);
    } else {
      mailbox.put(tags.activation(stage, microbatch), result);
      checkDtype(result);
    }
  }

  private long pass(int microbatch) {
    return stepsRun * training.numMicrobatches() + microbatch;
  }

  private void checkDtype(Tensor output) {
    if (output.scalar_type().intern() != types.activation()) {
      throw new IllegalStateException(
          "it emits %s, but the stages exchange %s. Convert the output, or tell the pipeline (PipelineOptions.withActivationType)."
              .formatted(output.scalar_type().intern(), types.activation()));
    }
  }

  private void backward(int stage, int microbatch) {
    try (Tensor gradient = outputGradient(stage, microbatch)) {
      computeBegin = System.nanoTime();
      deliver(stage, microbatch, stage(stage).backward(microbatch, gradient));
    }
  }

  private void backwardInput(int stage, int microbatch) {
    try (Tensor gradient = outputGradient(stage, microbatch)) {
      computeBegin = System.nanoTime();
      deliver(stage, microbatch, stage(stage).backwardInput(microbatch, gradient));
    }
  }

  private @Nullable Tensor outputGradient(int stage, int microbatch) {
    return stage(stage).isLast() ? null : take(tags.gradient(stage + 1, microbatch));
  }

  private void deliver(int stage, int microbatch, @Nullable Tensor inputGradient) {
    if (inputGradient != null) {
      mailbox.put(tags.gradient(stage, microbatch), inputGradient);
    }
  }

  /**
   * A tensor that another stage made for this one, here or on another rank. The caller closes it.
   */
  private Tensor take(long tag) {
    PendingReceive receive = pending.remove(tag);
    if (receive != null) {
      return receive.await();
    }
    return requireNonNull(mailbox.remove(tag), "the schedule consumes what nobody made");
  }

  private void send(long tag, int toStage) {
    try (Tensor tensor =
        requireNonNull(mailbox.remove(tag), "the schedule sends what nobody made")) {
      sent.add(transport.send(tensor, rankOf(toStage), tag));
    }
    finishSends(false);
  }

  /** Lets go of tensors that have left; with {@code all}, waits until every one has. */
  private void finishSends(boolean all) {
    while (!sent.isEmpty() && (all || sent.peek().isDone())) {
      sent.remove().await();
    }
  }

  private void receive(long tag, int fromStage, int shapedLikeOutputOf, int microbatch) {
    pending.put(
        tag,
        transport.receive(
            shapes.output(shapedLikeOutputOf, data.shapes().get(microbatch)),
            rankOf(fromStage),
            tag));
  }

  private int rankOf(int stage) {
    return pipelineRanks.get(placement.rankOf(stage));
  }

  private StageRunner stage(int stage) {
    return requireNonNull(stages.get(stage), () -> "stage " + stage + " is not on this rank");
  }

  private double[] lossValues() {
    return losses.values().stream().mapToDouble(loss -> HostTensors.toDoubles(loss)[0]).toArray();
  }

  /** Frees what the step left, after a failure too. */
  private void release() {
    sent.clear();
    mailbox.values().forEach(Tensor::close);
    mailbox.clear();
    losses.values().forEach(Tensor::close);
    losses.clear();
    pending.clear();
    stages.values().forEach(StageRunner::discardLive);
    data = StepData.NONE;
  }

  @Override
  public void close() {
    stages.values().forEach(StageRunner::close);
  }
}
