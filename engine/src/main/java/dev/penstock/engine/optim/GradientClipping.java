package dev.penstock.engine.optim;

import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.Parameter;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Scales the gradients of a model down to a norm, where each rank holds some of its parameters.
 * Every rank computes the same norm and so scales by the same factor.
 */
public final class GradientClipping {
  /** Added to the norm before dividing by it, as torch does. */
  private static final double EPSILON = 1e-6;

  private final double maxNorm;
  private final GradientNorm norm;

  /**
   * @param maxNorm the norm that gradients are scaled down to; infinity: measure, never scale
   * @param normType order of the norm: 2 as a rule; 1, any positive number, or infinity
   */
  public GradientClipping(double maxNorm, double normType) {
    if (!(maxNorm > 0)) {
      throw new IllegalArgumentException("maxNorm must be positive, but is " + maxNorm);
    }
    this.maxNorm = maxNorm;
    this.norm = new GradientNorm(normType);
  }

  /**
   * Clips the gradients of this rank; all of {@code ranks} must call it.
   *
   * @param parameters all parameters of this rank, with their gradients
   * @param counted those of them that count in the norm: all but the copies of tied parameters that
   *     another rank counts
   * @param ranks the ranks that hold the model together
   * @return the norm of all counted gradients over all ranks before clipping; it is infinite or NaN
   *     if a gradient is, and then the gradients are of no use
   */
  public double clip(
      List<Parameter> parameters,
      List<Parameter> counted,
      Transport transport,
      List<Integer> ranks) {
    double total;
    try (PointerScope scope = new PointerScope()) {
      total = norm.over(counted, scalarOptions(parameters), transport, ranks);
    }
    double factor = factor(total);
    if (factor != 1) {
      GradientScaling.multiply(parameters, factor);
    }
    return total;
  }

  /**
   * The norm alone; all of {@code ranks} must call it. Parameters and result as {@link #clip}.
   *
   * @param scalar float64 on the device of this rank, which may have nothing to count
   */
  public double norm(
      List<Parameter> counted, TensorOptions scalar, Transport transport, List<Integer> ranks) {
    return norm.over(counted, scalar, transport, ranks);
  }

  /** What gradients of this norm are multiplied by: 1 if they are small enough. */
  public double factor(double total) {
    double factor = maxNorm / (total + EPSILON);
    return factor >= 1 ? 1 : factor;
  }

  private static TensorOptions scalarOptions(List<Parameter> parameters) {
    TensorOptions options = new TensorOptions(ScalarType.Double);
    return parameters.isEmpty()
        ? options
        : options.device(new DeviceOptional(parameters.get(0).value().device()));
  }
}
