package dev.penstock.engine.parity;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.connect.Transports;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerConfig.Clipping;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.Head;
import dev.penstock.engine.model.LossFunction;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.WeightGradientStore;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.optim.GradientScaling;
import dev.penstock.engine.parity.Reference.Tokens;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.RankRuntime;
import dev.penstock.engine.runtime.RowSplit;
import dev.penstock.engine.runtime.StepData;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.Threads;
import dev.penstock.engine.train.AdapterGathering;
import dev.penstock.engine.train.BatchExchange;
import dev.penstock.engine.train.OptimizerStep;
import dev.penstock.engine.train.RankStages;
import dev.penstock.engine.train.StepOutcome;
import dev.penstock.engine.train.TokenBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One rank of a comparison. */
final class RankParity {
  /**
   * What a rank computed.
   *
   * @param logits of each microbatch in order, on the last stage's rank
   * @param gradients of the rank's parameters
   * @param saved what would be saved of adapters after the training, on the first rank
   */
  record Outcome(
      double loss,
      List<float[]> logits,
      Map<String, float[]> gradients,
      List<StepOutcome> training,
      Map<String, float[]> saved) {}

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final TrainingConfig config;
  private final Rendezvous rendezvous;
  private final ModelFiles files;
  private final Reference reference;
  private final int microbatches;
  private final TrainingPlan plan;
  private final ProcessGrid grid;
  private final RankRuntime.StageTypes types;

  RankParity(
      TrainingConfig config,
      Rendezvous rendezvous,
      ModelFiles files,
      Reference reference,
      int microbatches) {
    this.config = config;
    this.rendezvous = rendezvous;
    this.files = files;
    this.reference = reference;
    this.microbatches = microbatches;
    plan = TrainingPlan.of(config);
    types = RankStages.types(config.compute().precision(), "cpu");
    grid = new ProcessGrid(config.parallel().ppSize(), 1);
  }

  Outcome run() throws IOException {
    Threads.configure(1, types.activation());
    RankAddress address = new RankAddress("localhost", "this", "cpu");
    try (Transport transport = Transports.connect(rendezvous, address, TIMEOUT)) {
      try {
        return compute(transport);
      } catch (RuntimeException e) {
        transport.abort(e);
        throw e;
      }
    }
  }

  private Outcome compute(Transport transport) throws IOException {
    Map<String, float[]> gradients = new HashMap<>();
    List<float[]> logits = new ArrayList<>();
    StepOutcome outcome;
    try (RankStages stages = stages(transport, capturing(logits));
        OptimizerStep step = step(transport, stages, 0)) {
      outcome =
          step(
              transport,
              reference.batch(),
              (data, counted) -> {
                step.accumulate(data, counted, counted, true);
                return step.reduce();
              });
      List<Parameter> parameters =
          stages.model().arena().parameters().stream().filter(Parameter::trainable).toList();
      GradientScaling.divide(parameters, outcome.countedWeight());
      for (Parameter parameter : parameters) {
        gradients.put(parameter.name(), HostTensors.toFloats(parameter.gradientBuffer()));
      }
    }
    Map<String, float[]> saved = new HashMap<>();
    return new Outcome(outcome.loss(), logits, gradients, train(transport, saved), saved);
  }

  private List<StepOutcome> train(Transport transport, Map<String, float[]> saved)
      throws IOException {
    List<StepOutcome> outcomes = new ArrayList<>();
    try (RankStages stages = stages(transport, new TokenCrossEntropy());
        OptimizerStep step = step(transport, stages, config.optimizer().clipping().maxGradNorm())) {
      for (Tokens batch : reference.trainBatches()) {
        outcomes.add(
            step(
                transport,
                batch,
                (data, counted) -> step.run(data, counted, config.optimizer().learningRate())));
      }
      if (plan.lora() != null) {
        try (PointerScope scope = new PointerScope()) {
          for (Parameter parameter :
              new AdapterGathering(plan, grid, transport).gather(stages.model().arena())) {
            saved.put(parameter.name(), HostTensors.toFloats(parameter.value()));
          }
        }
      }
    }
    return outcomes;
  }

  private OptimizerStep step(Transport transport, RankStages stages, double maxGradNorm) {
    OptimizerConfig optimizer = config.optimizer().withClipping(Clipping.to(maxGradNorm));
    return new OptimizerStep(plan, grid, transport, stages, optimizer, "cpu");
  }

  private RankStages stages(Transport transport, LossFunction loss) throws IOException {
    RankStages stages =
        RankStages.create(plan, grid, transport, types, loss, (a, begin, end) -> {});
    files.read(plan.spec(), stages.model().arena());
    return stages;
  }

  /** The loss as training has it, and what the head makes of the hidden states. */
  private static LossFunction capturing(List<float[]> logits) {
    return new LossFunction() {
      private final TokenCrossEntropy loss = new TokenCrossEntropy();

      @Override
      public Tensor loss(Tensor output, Tensor target) {
        throw new IllegalStateException("the last stage has no head");
      }

      @Override
      public Tensor loss(
          Tensor hidden, Head head, Tensor target, @Nullable WeightGradientStore weightGradients) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
          logits.add(HostTensors.toFloats(head.forward(hidden, null)));
        }
        return loss.loss(hidden, head, target, weightGradients);
      }
    };
  }

  private interface StepFunction {
    StepOutcome apply(StepData data, long counted);
  }

  private StepOutcome step(Transport transport, Tokens recorded, StepFunction function) {
    Tokens tokens = recorded.atLeast(microbatches);
    BatchExchange exchange =
        new BatchExchange(transport, plan.firstStageRank(), plan.lastStageRank(), "cpu");
    TokenBatch batch =
        transport.rank() == plan.firstStageRank()
            ? new TokenBatch(tokens.rows(), tokens.seqLength(), tokens.ids(), tokens.labels())
            : null;
    List<Integer> rows = RowSplit.sizes(tokens.rows(), microbatches);
    try (PointerScope scope = new PointerScope()) {
      StepData data = exchange.distribute(batch, rows, tokens.seqLength());
      return function.apply(data, batch == null ? 0 : BatchExchange.countedTokens(batch));
    }
  }
}
