package dev.penstock.engine.optim;

import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.torch.AtenOperator;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;

/** Multiplies or divides all gradients, in place. */
public final class GradientScaling {
  private static final AtenOperator DIVIDE = AtenOperator.find("aten::_foreach_div_", "Scalar");
  private static final AtenOperator MULTIPLY = AtenOperator.find("aten::_foreach_mul_", "Scalar");

  private GradientScaling() {}

  /**
   * Divides every gradient by the number of tokens its sum was taken over; 0 leaves them as they
   * are, since without a counted token they are zero.
   */
  public static void divide(List<Parameter> parameters, double divisor) {
    if (divisor != 0) {
      apply(DIVIDE, parameters, divisor);
    }
  }

  static void multiply(List<Parameter> parameters, double factor) {
    apply(MULTIPLY, parameters, factor);
  }

  private static void apply(AtenOperator operator, List<Parameter> parameters, double operand) {
    if (parameters.isEmpty()) {
      return;
    }
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      IValue gradients = AtenOperator.tensorList(Gradients.of(parameters));
      operator.call(gradients, new IValue(new Scalar(operand)));
    }
  }
}
