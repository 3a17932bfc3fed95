package dev.penstock.engine.optim;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.torch.AtenOperator;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Gradient descent with momentum. */
final class FusedSgd implements FusedUpdate {
  private static final AtenOperator UPDATE = AtenOperator.find("aten::_fused_sgd_", "");

  static final String MOMENTUM_BUFFER = "momentum_buffer";

  private final OptimizerConfig config;
  private final List<OptimizerState> all;
  private final Tensor divisor;

  FusedSgd(OptimizerConfig config, List<OptimizerState> states) {
    this.config = config;
    all = List.copyOf(states);
    divisor = KernelScalars.like(states.get(0).parameter().value());
  }

  @Override
  public void step(long number, double learningRate, double weightDecay, double gradientDivisor) {
    KernelScalars.set(divisor, gradientDivisor);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      List<OptimizerState> states =
          all.stream().filter(state -> state.parameter().grad() != null).toList();
      if (states.isEmpty()) {
        return;
      }
      UPDATE.call(
          AtenOperator.tensorList(states.stream().map(state -> state.parameter().value()).toList()),
          AtenOperator.tensorList(
              Gradients.of(states.stream().map(OptimizerState::parameter).toList())),
          AtenOperator.tensorList(
              config.momentum() == 0
                  ? List.of()
                  : states.stream().map(state -> state.moment(MOMENTUM_BUFFER)).toList()),
          new IValue(weightDecay),
          new IValue(config.momentum()),
          new IValue(learningRate),
          new IValue(0.0 /* dampening */),
          new IValue(false /* nesterov */),
          new IValue(false /* maximize */),
          // A first step would store the gradient, as adding it to zeros does.
          new IValue(false /* is_first_step */),
          gradientDivisor == 1 ? new IValue() : new IValue(divisor),
          new IValue() /* found_inf */);
    }
  }

  @Override
  public void close() {
    divisor.close();
  }
}
