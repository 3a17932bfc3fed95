package dev.penstock.engine.pipeline;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.LossFunction;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.optim.GradientClipping;
import dev.penstock.engine.optim.GradientScaling;
import dev.penstock.engine.runtime.ActionObserver;
import dev.penstock.engine.runtime.RankRuntime;
import dev.penstock.engine.runtime.RowSplit;
import dev.penstock.engine.runtime.StepData;
import dev.penstock.engine.schedule.ForwardOrder;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline over the stages of any model: the counterpart of the reference's AutoPipeline.
 *
 * <p>Every rank builds one with the same arguments and makes the same calls in the same order;
 * ranks are the transport's. The gradient of a step is added to what the parameters hold: zero them
 * between optimizer steps. Used by the rank's thread. {@link #close} closes the stages.
 */
public final class Pipeline implements AutoCloseable {
  private final PipelineOptions options;
  private final PipelineSchedule schedule;
  private final Transport transport;
  private final Map<Integer, StageModule> stages;
  private final RankRuntime runtime;
  private final StepAgreement agreement;
  private final List<Integer> ranks;

  private Pipeline(
      PipelineOptions options,
      PipelineSchedule schedule,
      Transport transport,
      Map<Integer, StageModule> stages,
      LossFunction loss,
      ActionObserver observer) {
    this.options = options;
    this.schedule = schedule;
    this.transport = transport;
    this.stages = Map.copyOf(stages);
    ranks = java.util.stream.IntStream.range(0, transport.size()).boxed().toList();
    runtime =
        new RankRuntime(
            Lowering.lower(schedule),
            ForwardOrder.of(schedule),
            ranks,
            transport,
            stages,
            new RankRuntime.StageTypes(options.activationType(), options.device()),
            loss,
            observer);
    agreement =
        new StepAgreement(
            transport,
            schedule.placement().rankOf(0),
            schedule.placement().rankOf(schedule.numStages() - 1),
            options.numMicrobatches(),
            options.device());
  }

  /**
   * Builds the rank's part of a pipeline.
   *
   * @param model the stages; this rank's are made now
   * @param loss the loss of a microbatch
   * @param transport connects the ranks; stays the caller's
   * @throws ConfigException if the schedule does not fit the stages and ranks
   */
  public static Pipeline build(
      StagedModel model, LossFunction loss, PipelineOptions options, Transport transport) {
    return build(model, loss, options, transport, (action, begin, end) -> {});
  }

  /** As {@link #build(StagedModel, LossFunction, PipelineOptions, Transport)}, observed. */
  public static Pipeline build(
      StagedModel model,
      LossFunction loss,
      PipelineOptions options,
      Transport transport,
      ActionObserver observer) {
    requireNonNull(loss, "loss_fn must be provided");
    PipelineSchedule schedule = StagedSchedule.of(options, transport.size(), model.numStages());
    Map<Integer, StageModule> stages = new TreeMap<>();
    try {
      for (int stage : schedule.placement().stagesOf(transport.rank())) {
        stages.put(stage, model.stage(stage));
      }
      return new Pipeline(options, schedule, transport, stages, loss, observer);
    } catch (RuntimeException e) {
      stages.values().forEach(StageModule::close);
      throw e;
    }
  }

  /**
   * Forward and backward passes of a batch; collective.
   *
   * @param inputs all rows, on the rank of the first stage; elsewhere ignored
   * @param targets all targets, on the rank of the last stage; elsewhere ignored
   * @throws ConfigException on every rank, before anything ran, if the batch cannot be cut
   */
  public StepResult step(@Nullable Tensor inputs, @Nullable Tensor targets) {
    return run(inputs, targets, true, false);
  }

  /** As {@link #step}, and hands back the last stage's outputs. */
  public StepResult stepWithOutputs(@Nullable Tensor inputs, @Nullable Tensor targets) {
    return run(inputs, targets, true, true);
  }

  /** Forward passes only, for evaluation; gradients are left alone. Outputs are handed back. */
  public StepResult eval(@Nullable Tensor inputs, @Nullable Tensor targets) {
    return run(inputs, targets, false, true);
  }

  private StepResult run(
      @Nullable Tensor inputs, @Nullable Tensor targets, boolean train, boolean wantOutputs) {
    List<Long> shape = agreement.agree(inputs, targets);
    List<Integer> rows = RowSplit.sizes(Math.toIntExact(shape.get(0)), options.numMicrobatches());
    Map<Integer, Tensor> outputs = new TreeMap<>();
    runtime.showOutputs(
        wantOutputs
            ? (microbatch, output) -> outputs.put(microbatch, output.detach().retainReference())
            : null);
    try (PointerScope scope = new PointerScope()) {
      StepData data =
          new StepData(
              rows.stream().map(count -> withRows(shape, count)).toList(),
              runtime.hasFirstStage() ? split(requireNonNull(inputs), rows) : List.of(),
              runtime.hasLastStage() ? split(requireNonNull(targets), rows) : List.of());
      double[] losses = train ? runtime.step(data) : runtime.evaluate(data);
      if (train && options.scaleGradsInSchedule()) {
        scaleGradsByDivisor(options.numMicrobatches());
      }
      return new StepResult(losses, outputs.isEmpty() ? null : joined(outputs));
    } finally {
      outputs.values().forEach(Tensor::close);
    }
  }

  private static List<Long> withRows(List<Long> shape, int rows) {
    List<Long> result = new ArrayList<>(shape);
    result.set(0, (long) rows);
    return List.copyOf(result);
  }

  private static List<Tensor> split(Tensor tensor, List<Integer> rows) {
    List<Tensor> parts = new ArrayList<>();
    long begin = 0;
    for (int count : rows) {
      parts.add(tensor.narrow(0, begin, count));
      begin += count;
    }
    return parts;
  }

  private static Tensor joined(Map<Integer, Tensor> outputs) {
    return HostTensors.concatenate(0, outputs.values().toArray(Tensor[]::new)).retainReference();
  }

  /** What this rank holds, with descriptions in the reference's formats. */
  public PipelineInfo info() {
    return PipelineInfo.of(schedule, stages);
  }

  /** The compute order of every rank. */
  public PipelineSchedule schedule() {
    return schedule;
  }

  /** Whether this rank has the first stage: it gives the inputs. */
  public boolean hasFirstStage() {
    return runtime.hasFirstStage();
  }

  /** Whether this rank has the last stage: it gives the targets and gets the losses. */
  public boolean hasLastStage() {
    return runtime.hasLastStage();
  }

  /** This rank's stages by stage id. */
  public Map<Integer, StageModule> stages() {
    return stages;
  }

  /** The parameters of this rank's stages, stage by stage. */
  public List<Parameter> parameters() {
    return new TreeMap<>(stages)
        .values().stream().flatMap(stage -> stage.parameters().stream()).toList();
  }

  /** Most microbatches that were in flight at once on this rank, summed over its stages. */
  public int peakLive() {
    return runtime.peakLive();
  }

  /** Divides the gradients of this rank's parameters, e.g. by the number of counted tokens. */
  public void scaleGradsByDivisor(double divisor) {
    GradientScaling.divide(withGradients(), divisor);
  }

  /**
   * Scales all gradients down so that their norm over all ranks is at most {@code maxNorm};
   * collective.
   *
   * @param normType order of the norm; infinity for the largest element
   * @return the norm before
   */
  public double clipGradNorm(double maxNorm, double normType) {
    List<Parameter> local = withGradients();
    return new GradientClipping(maxNorm, normType).clip(local, local, transport, ranks);
  }

  private List<Parameter> withGradients() {
    return parameters().stream().filter(parameter -> parameter.grad() != null).toList();
  }

  /**
   * Lets go of the gradients of this rank's parameters, as torch does: what the next step does not
   * use has none then, and the optimizer leaves it alone.
   */
  public void zeroGrad() {
    withGradients().forEach(Parameter::clearGrad);
  }

  @Override
  public void close() {
    runtime.close();
  }
}
