package dev.penstock.engine.optim;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.torch.AtenOperator;
import java.util.Collections;
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

  private final OptimizerConfig config;
  private final List<Parameter> parameters;
  private final AtenOperator operator;
  private final Tensor step;
  private final Tensor divisor;
  private final IValue values;
  private final IValue expAvgs;
  private final IValue expAvgSqs;
  private final IValue steps;

  FusedAdam(AtenOperator operator, OptimizerConfig config, List<OptimizerState> states) {
    this.operator = operator;
    this.config = config;
    this.parameters = states.stream().map(OptimizerState::parameter).toList();
    step = TensorLists.scalar(parameters.get(0).value());
    divisor = TensorLists.scalar(parameters.get(0).value());
    values = TensorLists.keep(parameters.stream().map(Parameter::value).toList());
    expAvgs = TensorLists.keep(states.stream().map(state -> state.moment(EXP_AVG)).toList());
    expAvgSqs = TensorLists.keep(states.stream().map(state -> state.moment(EXP_AVG_SQ)).toList());
    steps = TensorLists.keep(Collections.nCopies(parameters.size(), step));
  }

  @Override
  public void step(long number, double learningRate, double weightDecay, double gradientDivisor) {
    TensorLists.set(step, number);
    TensorLists.set(divisor, gradientDivisor);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      operator.call(
          values,
          AtenOperator.tensorList(Gradients.of(parameters)),
          expAvgs,
          expAvgSqs,
          AtenOperator.tensorList(List.of()),
          steps,
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

  @Override
  public void close() {
    values.close();
    expAvgs.close();
    expAvgSqs.close();
    steps.close();
    step.close();
    divisor.close();
  }
}
