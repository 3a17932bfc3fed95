package dev.penstock.engine.optim;

import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.model.Parameter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Changes trainable parameters by their gradients, over torch's fused kernels: one native call a
 * step for all parameters of one group and dtype. A parameter that has no gradient in a step is
 * left alone, as torch does: neither its value is decayed nor its moments.
 *
 * <p>One instance per rank, for the parameters this rank holds; used by its thread. {@link #close}
 * frees the moments.
 */
public final class Optimizer implements AutoCloseable {
  private record Update(FusedUpdate kernel, double decayFactor) {}

  private final List<Update> updates = new ArrayList<>();
  private final List<OptimizerState> states = new ArrayList<>();
  private long stepsTaken;

  /**
   * Makes zero moments for all trainable parameters.
   *
   * @param config kind, betas, epsilon, momentum; the learning rate and the decay are given at each
   *     step
   */
  public Optimizer(OptimizerConfig config, List<ParameterGroup> groups) {
    for (ParameterGroup group : groups) {
      byDtype(group.parameters())
          .forEach(
              (dtype, parameters) -> {
                List<OptimizerState> moments =
                    parameters.stream().map(parameter -> zeroState(config, parameter)).toList();
                states.addAll(moments);
                updates.add(new Update(kernel(config, moments), group.decayFactor()));
              });
    }
  }

  /** All parameters decayed alike. */
  public static Optimizer of(OptimizerConfig config, List<Parameter> parameters) {
    return new Optimizer(config, List.of(new ParameterGroup(parameters, 1)));
  }

  private static FusedUpdate kernel(OptimizerConfig config, List<OptimizerState> states) {
    return switch (config.kind()) {
      case ADAMW -> new FusedAdam(FusedAdam.ADAMW, config, states);
      case ADAM -> new FusedAdam(FusedAdam.ADAM, config, states);
      case SGD -> new FusedSgd(config, states);
    };
  }

  private static List<String> momentNames(OptimizerConfig config) {
    if (config.kind() == OptimizerKind.SGD) {
      return config.momentum() == 0 ? List.of() : List.of(FusedSgd.MOMENTUM_BUFFER);
    }
    return List.of(FusedAdam.EXP_AVG, FusedAdam.EXP_AVG_SQ);
  }

  private static Map<ScalarType, List<Parameter>> byDtype(List<Parameter> parameters) {
    Map<ScalarType, List<Parameter>> byDtype = new EnumMap<>(ScalarType.class);
    for (Parameter parameter : parameters.stream().filter(Parameter::trainable).toList()) {
      ScalarType dtype = parameter.value().scalar_type().intern();
      byDtype.computeIfAbsent(dtype, key -> new ArrayList<>()).add(parameter);
    }
    return byDtype;
  }

  private static OptimizerState zeroState(OptimizerConfig config, Parameter parameter) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Map<String, Tensor> moments = new HashMap<>();
      for (String name : momentNames(config)) {
        moments.put(name, torch.zeros_like(parameter.value()).retainReference());
      }
      return new OptimizerState(parameter, moments);
    }
  }

  /** Updates every parameter by its gradient. */
  public void step(double learningRate, double weightDecay) {
    step(learningRate, weightDecay, 1);
  }

  /**
   * Updates every parameter by its gradient over a divisor. The gradients may be left divided.
   *
   * @param gradientDivisor rounded to float32
   */
  public void step(double learningRate, double weightDecay, double gradientDivisor) {
    stepsTaken++;
    for (Update update : updates) {
      update.kernel.step(
          stepsTaken, learningRate, weightDecay * update.decayFactor, gradientDivisor);
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
    updates.forEach(update -> update.kernel.close());
    updates.clear();
    states.forEach(OptimizerState::close);
    states.clear();
  }
}
