package dev.penstock.engine.model;

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

  /** [..., D] to [..., D], in the caller's PointerScope. */
  @Override
  public Tensor forward(Tensor x, @Nullable WeightGradientStore weightGradients) {
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
}
