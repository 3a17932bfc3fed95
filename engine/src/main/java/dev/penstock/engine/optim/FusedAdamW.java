package dev.penstock.engine.optim;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.torch.AtenOperator;
import java.util.Collections;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The fused update of parameters of one dtype that are decayed alike. */
final class FusedAdamW implements AutoCloseable {
  private static final AtenOperator UPDATE = AtenOperator.find("aten::_fused_adamw_", "");

  private final OptimizerConfig config;
  private final double decayFactor;
  private final List<Parameter> parameters;
  private final Tensor step;
  private final IValue values;
  private final IValue expAvgs;
  private final IValue expAvgSqs;
  private final IValue steps;

  FusedAdamW(OptimizerConfig config, List<OptimizerState> states, double decayFactor) {
    this.config = config;
    this.decayFactor = decayFactor;
    this.parameters = states.stream().map(OptimizerState::parameter).toList();
    try (PointerScope scope = new PointerScope()) {
      step = newStep(parameters.get(0).value()).retainReference();
      values = keep(parameters.stream().map(Parameter::value).toList());
      expAvgs = keep(states.stream().map(OptimizerState::expAvg).toList());
      expAvgSqs = keep(states.stream().map(OptimizerState::expAvgSq).toList());
      steps = keep(Collections.nCopies(parameters.size(), step));
    }
  }

  /** The kernel reads the step from a float32 scalar on the parameters' device. */
  private static Tensor newStep(Tensor like) {
    TensorOptions options =
        new TensorOptions(ScalarType.Float).device(new DeviceOptional(like.device()));
    return torch.zeros(new long[0], options);
  }

  private static IValue keep(List<Tensor> tensors) {
    return AtenOperator.tensorList(tensors).retainReference();
  }

  void step(long number, double learningRate, double weightDecay) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      step.fill_(new Scalar((double) number));
      UPDATE.call(
          values,
          AtenOperator.tensorList(Gradients.of(parameters)),
          expAvgs,
          expAvgSqs,
          AtenOperator.tensorList(List.of()),
          steps,
          new IValue(learningRate),
          new IValue(config.beta1()),
          new IValue(config.beta2()),
          new IValue(weightDecay * decayFactor),
          new IValue(config.epsilon()),
          new IValue(false /* amsgrad */),
          new IValue(false /* maximize */),
          new IValue() /* grad_scale */,
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
  }
}
