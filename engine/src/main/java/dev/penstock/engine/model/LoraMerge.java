package dev.penstock.engine.model;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Adds low-rank adapters to the weights that they adapt. */
public final class LoraMerge {
  private LoraMerge() {}

  /**
   * Makes each adapted weight {@code W + scale * B A}, with its magnitudes if it has any, and puts
   * trained rows into the embedding; computed in float32. Called once, when training is over: the
   * adapters stay as they are.
   */
  public static void apply(ParameterArena arena) {
    LoraSpec lora = arena.lora();
    if (lora == null) {
      return;
    }
    try (NoGradGuard noGrad = new NoGradGuard()) {
      lora.adapters()
          .forEach(
              (module, adapter) -> {
                if (arena.contains(LoraSpec.nameOfA(module))) {
                  apply(arena, module, adapter.scale());
                }
              });
      String embedding = DecoderTensors.EMBEDDING + ".weight";
      if (!lora.trainedTokens().isEmpty() && arena.contains(embedding)) {
        putRows(arena, arena.parameter(embedding).value());
      }
    }
  }

  private static void apply(ParameterArena arena, String module, double scale) {
    try (PointerScope scope = new PointerScope()) {
      Tensor down = arena.parameter(LoraSpec.nameOfA(module)).value().to(ScalarType.Float);
      Tensor up = arena.parameter(LoraSpec.nameOfB(module)).value().to(ScalarType.Float);
      Tensor weight = arena.parameter(module + ".weight").value();
      Tensor product = up.mm(down);
      boolean rows = module.equals(DecoderTensors.EMBEDDING);
      Tensor sum = weight.to(ScalarType.Float).add(rows ? product.t() : product, new Scalar(scale));
      String magnitude = LoraSpec.nameOfMagnitude(module);
      if (arena.contains(magnitude)) {
        Tensor factor =
            arena
                .parameter(magnitude)
                .value()
                .div(MagnitudeAdapter.lengths(weight, down, up, scale));
        sum = sum.mul(factor.unsqueeze(1));
      }
      weight.copy_(sum);
    }
  }

  private static void putRows(ParameterArena arena, Tensor weight) {
    try (PointerScope scope = new PointerScope()) {
      Tensor rows = arena.parameter(LoraSpec.nameOfTokens()).value().to(weight.scalar_type());
      int row = 0;
      for (int token : arena.lora().trainedTokens()) {
        weight.select(0, token).copy_(rows.select(0, row++));
      }
    }
  }
}
