package dev.penstock.engine.train;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.LossFunction;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.ActionObserver;
import dev.penstock.engine.runtime.RankRuntime;
import dev.penstock.engine.schedule.ForwardOrder;
import dev.penstock.engine.schedule.Lowering;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The weights of a rank wired to the runtime that drives them. Closing it closes both. */
public final class RankStages implements AutoCloseable {
  private final RankModel model;
  private final RankRuntime runtime;

  private RankStages(RankModel model, RankRuntime runtime) {
    this.model = model;
    this.runtime = runtime;
  }

  /**
   * Allocates the stages of a rank, weights zeroed.
   *
   * @param transport stays the caller's
   * @param types dtype and device of weights and activations
   */
  public static RankStages create(
      TrainingPlan plan,
      ProcessGrid grid,
      Transport transport,
      RankRuntime.StageTypes types,
      LossFunction loss,
      ActionObserver observer) {
    int rank = transport.rank();
    LoraSpec lora = plan.lora();
    DecoderSpec spec = plan.spec();
    // Replicas drop differently.
    spec = spec.withDropout(spec.dropout().withSeed(plan.config().seed() + grid.dpRank(rank)));
    if (lora != null) {
      lora = lora.withSeed(lora.seed() + grid.dpRank(rank));
    }
    RankModel.Options options =
        new RankModel.Options(
            types.activation(),
            types.device(),
            plan.config().compute().recompute().layersPerStage(),
            lora);
    RankModel model = new RankModel(spec, plan.modulesOf(grid.ppRank(rank)), options);
    RankRuntime runtime =
        new RankRuntime(
            Lowering.lower(plan.schedule()),
            ForwardOrder.of(plan.schedule()),
            grid.pipelineOf(rank),
            transport,
            model.stages(),
            types,
            loss,
            observer);
    return new RankStages(model, runtime);
  }

  /** The dtype that a run computes in. */
  static ScalarType dtype(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> ScalarType.Float;
      case BFLOAT16 -> ScalarType.BFloat16;
    };
  }

  /** Float32 on the CPU. */
  public static RankRuntime.StageTypes cpu() {
    return new RankRuntime.StageTypes(ScalarType.Float, "cpu");
  }

  public RankModel model() {
    return model;
  }

  public RankRuntime runtime() {
    return runtime;
  }

  @Override
  public void close() {
    runtime.close();
    model.close();
  }
}
