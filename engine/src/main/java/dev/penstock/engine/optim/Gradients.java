package dev.penstock.engine.optim;

import dev.penstock.engine.model.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** The gradients of parameters, in their order. */
final class Gradients {
  private Gradients() {}

  /** In the caller's PointerScope. */
  static List<Tensor> of(List<Parameter> parameters) {
    List<Tensor> gradients = new ArrayList<>(parameters.size());
    for (Parameter parameter : parameters) {
      Tensor gradient = parameter.grad();
      if (gradient == null) {
        throw new IllegalStateException("No gradient of parameter " + parameter.name());
      }
      gradients.add(gradient);
    }
    return gradients;
  }
}
