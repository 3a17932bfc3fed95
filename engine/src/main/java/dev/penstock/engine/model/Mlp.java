package dev.penstock.engine.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Gated feed-forward layer (Shazeer 2020, arXiv:2002.05202). */
final class Mlp {
  private final MlpSpec spec;
  private final Linear gateUp;
  private final Linear down;

  Mlp(ParameterArena arena, String prefix, MlpSpec spec) {
    this.spec = spec;
    gateUp =
        spec.fusedGateUp()
            ? Linear.of(arena, prefix + "gate_up_proj")
            : Linear.of(arena, prefix + "gate_proj", prefix + "up_proj");
    down = Linear.of(arena, prefix + "down_proj");
  }

  /** [B, T, D] to [B, T, D], in the caller's PointerScope. */
  Tensor forward(Tensor x, @Nullable WeightGradientStore weightGradients) {
    TensorVector gateAndUp = gateUp.forward(x, weightGradients).chunk(2, -1);
    Tensor hidden = activate(gateAndUp.get(0)).mul(gateAndUp.get(1));
    return down.forward(hidden, weightGradients);
  }

  private Tensor activate(Tensor gate) {
    return switch (spec.activation()) {
      case SILU -> torch.silu(gate);
      case GELU -> torch.gelu(gate, "none");
      case GELU_TANH -> torch.gelu(gate, "tanh");
    };
  }
}
