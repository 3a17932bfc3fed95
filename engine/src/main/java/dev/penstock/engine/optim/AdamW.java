package dev.penstock.engine.optim;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.Parameter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101), over torch's
 * fused kernel: one native call a step for all parameters of one group and dtype.
 *
 * <p>One instance per rank, for the parameters this rank holds; used by its thread. {@link #close}
 * frees the moments.
 */
public final class AdamW implements AutoCloseable {
  private final List<FusedAdamW> updates = new ArrayList<>();
  private final List<OptimizerState> states = new ArrayList<>();
  private long stepsTaken;

  /**
   * Makes zero moments for all parameters.
   *
   * @param config betas and epsilon; the learning rate and the decay are given at each step
   */
  public AdamW(OptimizerConfig config, List<ParameterGroup> groups) {
    for (ParameterGroup group : groups) {
      byDtype(group.parameters())
          .forEach(
              (dtype, parameters) -> {
                List<OptimizerState> moments = parameters.stream().map(AdamW::zeroState).toList();
                states.addAll(moments);
                updates.add(new FusedAdamW(config, moments, group.decayFactor()));
              });
    }
  }

  /** All parameters decayed alike. */
  public static AdamW of(OptimizerConfig config, List<Parameter> parameters) {
    return new AdamW(config, List.of(new ParameterGroup(parameters, 1)));
  }

  private static Map<ScalarType, List<Parameter>> byDtype(List<Parameter> parameters) {
    Map<ScalarType, List<Parameter>> byDtype = new EnumMap<>(ScalarType.class);
    for (Parameter parameter : parameters) {
      ScalarType dtype = parameter.value().scalar_type().intern();
      byDtype.computeIfAbsent(dtype, key -> new ArrayList<>()).add(parameter);
    }
    return byDtype;
  }

  private static OptimizerState zeroState(Parameter parameter) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor expAvg = torch.zeros_like(parameter.value());
      Tensor expAvgSq = torch.zeros_like(parameter.value());
      return new OptimizerState(parameter, expAvg.retainReference(), expAvgSq.retainReference());
    }
  }

  /** Updates every parameter by its gradient. */
  public void step(double learningRate, double weightDecay) {
    stepsTaken++;
    for (FusedAdamW update : updates) {
      update.step(stepsTaken, learningRate, weightDecay);
    }
  }

  /** Steps taken since the moments were zero. */
  public long stepsTaken() {
    return stepsTaken;
  }

  /** Continues after so many steps; the moments are restored through {@link #states}. */
  public void resumeAfter(long steps) {
    stepsTaken = steps;
  }

  /** The moments of each parameter. */
  public List<OptimizerState> states() {
    return List.copyOf(states);
  }

  @Override
  public void close() {
    updates.forEach(FusedAdamW::close);
    updates.clear();
    states.forEach(OptimizerState::close);
    states.clear();
  }
}
