package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Gated feed-forward layer (Shazeer 2020, arXiv:2002.05202). */
final class Mlp implements FeedForward {
  private final Activation activation;
  private final Linear gateUp;
  private final Linear down;

  /**
   * Makes the layer of its projections.
   *
   * @param gateUp gate and up, outputs side by side
   */
  Mlp(Activation activation, Linear gateUp, Linear down) {
    this.activation = activation;
    this.gateUp = gateUp;
    this.down = down;
  }

  static Mlp of(ParameterArena arena, String prefix, MlpSpec spec) {
    Linear gateUp =
        spec.fusedGateUp()
            ? Linear.of(arena, prefix + "gate_up_proj")
            : Linear.of(arena, prefix + "gate_proj", prefix + "up_proj");
    return new Mlp(spec.activation(), gateUp, Linear.of(arena, prefix + "down_proj"));
  }

  /** [.., D] to [.., D], in the caller's PointerScope. */
  @Override
  public Tensor forward(Tensor x, @Nullable WeightGradientStore weightGradients) {
    boolean byHand = gateUp.isWhole() && down.isWhole() && CustomGradients.suit(x, weightGradients);
    return byHand ? byHand(x, weightGradients) : byAutograd(x, weightGradients);
  }

  /** Saves the input and the two projections of it; the backward pass multiplies those again. */
  private Tensor byHand(Tensor x, @Nullable WeightGradientStore weightGradients) {
    Tensor gateAndUp;
    Tensor result;
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      gateAndUp = gateUp.multiply(x);
      TensorVector halves = gateAndUp.chunk(2, -1);
      result = down.multiply(activate(halves.get(0)).mul_(halves.get(1))).retainReference();
      gateAndUp.retainReference();
    }
    HostTensors.attach(gateAndUp);
    HostTensors.attach(result);
    boolean trains = x.requires_grad() || gateUp.isTrained() || down.isTrained();
    if (weightGradients == null || !weightGradients.isRecording() || !trains) {
      return result;
    }
    return weightGradients
        .customGradients()
        .attach(
            x,
            result,
            (gradient, saved) -> backward(gradient, saved, weightGradients),
            x.detach(),
            gateAndUp);
  }

  private Tensor backward(Tensor gradient, Tensor[] saved, WeightGradientStore weightGradients) {
    Tensor x = saved[0];
    TensorVector halves = saved[1].chunk(2, -1);
    Tensor gate = halves.get(0);
    Tensor up = halves.get(1);
    Tensor hidden = activate(gate);
    Tensor hiddenGradient = down.inputGradient(gradient);
    Tensor gateAndUpGradient = torch.empty_like(saved[1]);
    TensorVector gradients = gateAndUpGradient.chunk(2, -1);
    torch.mul_out(gradients.get(1), hiddenGradient, hidden);
    down.leaveGradient(hidden.mul_(up), gradient, weightGradients);
    slope(gradients.get(0), hiddenGradient.mul_(up), gate);
    gateUp.leaveGradient(x, gateAndUpGradient, weightGradients);
    return gateUp.inputGradient(gateAndUpGradient);
  }

  private Tensor byAutograd(Tensor x, @Nullable WeightGradientStore weightGradients) {
    TensorVector gateAndUp = gateUp.forward(x, weightGradients).chunk(2, -1);
    Tensor hidden = activate(gateAndUp.get(0)).mul(gateAndUp.get(1));
    return down.forward(hidden, weightGradients);
  }

  private Tensor activate(Tensor gate) {
    return switch (activation) {
      case SILU -> torch.silu(gate);
      case GELU -> torch.gelu(gate, "none");
      case GELU_TANH -> torch.gelu(gate, "tanh");
      case RELU -> torch.relu(gate);
    };
  }

  /** From the gradient of what {@link #activate} returned to that of the gate. */
  private void slope(Tensor result, Tensor gradient, Tensor gate) {
    switch (activation) {
      case SILU -> torch.silu_backward_out(result, gradient, gate);
      case GELU -> torch.gelu_backward_out(result, gradient, gate, "none");
      case GELU_TANH -> torch.gelu_backward_out(result, gradient, gate, "tanh");
      case RELU -> torch.threshold_backward_out(result, gradient, gate, new Scalar(0.0));
    }
  }
}
