package dev.penstock.engine.optim;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.torch.AtenOperator;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Adam and AdamW, whose kernels differ in what they do with the decay alone. */
final class FusedAdam implements FusedUpdate {
  static final AtenOperator ADAM = AtenOperator.find("aten::_fused_adam_", "");
  static final AtenOperator ADAMW = AtenOperator.find("aten::_fused_adamw_", "");
  static final String EXP_AVG = "exp_avg";
  static final String EXP_AVG_SQ = "exp_avg_sq";

  /** A parameter's moments, and how many steps it had no gradient in: its own steps are fewer. */
  private static final class Moving {
    final OptimizerState state;
    final Tensor step;
    long missed;

    Moving(OptimizerState state) {
      this.state = state;
      step = KernelScalars.like(state.parameter().value());
    }
  }

  private final OptimizerConfig config;
  private final List<Moving> all;
  private final AtenOperator operator;
  private final Tensor divisor;

  FusedAdam(AtenOperator operator, OptimizerConfig config, List<OptimizerState> states) {
    this.operator = operator;
    this.config = config;
    all = states.stream().map(Moving::new).toList();
    divisor = KernelScalars.like(states.get(0).parameter().value());
  }

  @Override
  public void step(long number, double learningRate, double weightDecay, double gradientDivisor) {
    KernelScalars.set(divisor, gradientDivisor);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      List<Moving> moved = withGradients(number);
      if (moved.isEmpty()) {
        return;
      }
      List<OptimizerState> states = moved.stream().map(moving -> moving.state).toList();
      operator.call(
          AtenOperator.tensorList(states.stream().map(state -> state.parameter().value()).toList()),
          AtenOperator.tensorList(
              Gradients.of(states.stream().map(OptimizerState::parameter).toList())),
          AtenOperator.tensorList(states.stream().map(state -> state.moment(EXP_AVG)).toList()),
          AtenOperator.tensorList(states.stream().map(state -> state.moment(EXP_AVG_SQ)).toList()),
          AtenOperator.tensorList(List.of()),
          AtenOperator.tensorList(moved.stream().map(moving -> moving.step).toList()),
          new IValue(learningRate),
          new IValue(config.beta1()),
          new IValue(config.beta2()),
          new IValue(weightDecay),
          new IValue(config.epsilon()),
          new IValue(false /* amsgrad */),
          new IValue(false /* maximize */),
          gradientDivisor == 1 ? new IValue() : new IValue(divisor),
          new IValue() /* found_inf */);
    }
  }

  private List<Moving> withGradients(long number) {
    for (Moving moving : all) {
      if (moving.state.parameter().grad() == null) {
        moving.missed++;
      }
      KernelScalars.set(moving.step, number - moving.missed);
    }
    return all.stream().filter(moving -> moving.state.parameter().grad() != null).toList();
  }

  @Override
  public void close() {
    all.forEach(moving -> moving.step.close());
    divisor.close();
  }
}
