package dev.penstock.engine.optim;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.Parameter;
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
  private final List<Parameter> parameters;
  private final Tensor divisor;
  private final IValue values;
  private final IValue buffers;

  FusedSgd(OptimizerConfig config, List<OptimizerState> states) {
    this.config = config;
    this.parameters = states.stream().map(OptimizerState::parameter).toList();
    divisor = TensorLists.scalar(parameters.get(0).value());
    values = TensorLists.keep(parameters.stream().map(Parameter::value).toList());
    buffers =
        TensorLists.keep(
            config.momentum() == 0
                ? List.of()
                : states.stream().map(state -> state.moment(MOMENTUM_BUFFER)).toList());
  }

  @Override
  public void step(long number, double learningRate, double weightDecay, double gradientDivisor) {
    TensorLists.set(divisor, gradientDivisor);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      UPDATE.call(
          values,
          AtenOperator.tensorList(Gradients.of(parameters)),
          buffers,
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
    values.close();
    buffers.close();
    divisor.close();
  }
}
