package dev.penstock.engine.train;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.ConfigException;
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
import dev.penstock.engine.torch.Processor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The weights of a rank wired to the runtime that drives them. Closing it closes both. */
public final class RankStages implements AutoCloseable {
  /** The device of ranks without a GPU. */
  static final String CPU = "cpu";

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

  /**
   * What a run computes in on a device.
   *
   * @throws ConfigException if that device is slower by it
   */
  public static RankRuntime.StageTypes types(Precision precision, String device) {
    if (precision == Precision.FLOAT32) {
      return new RankRuntime.StageTypes(ScalarType.Float, device);
    }
    if (device.equals(CPU)) {
      Processor processor = Processor.ofThisMachine();
      if (!processor.multipliesBfloat16()) {
        throw new ConfigException(
            "precision is bfloat16, but on the host of a rank " + processor.whyNotBfloat16());
      }
    }
    return new RankRuntime.StageTypes(ScalarType.BFloat16, device);
  }

  /** Float32 on the CPU. */
  public static RankRuntime.StageTypes cpu() {
    return types(Precision.FLOAT32, CPU);
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
