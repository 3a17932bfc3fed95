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
   * Makes each adapted weight {@code W + scale * B A}, computed in float32. Called once, when
   * training is over: the adapters stay as they are.
   */
  public static void apply(ParameterArena arena) {
    LoraSpec lora = arena.lora();
    if (lora == null) {
      return;
    }
    try (NoGradGuard noGrad = new NoGradGuard()) {
      for (String module : lora.modules()) {
        if (arena.contains(LoraSpec.nameOfA(module))) {
          apply(arena, module, lora.scale());
        }
      }
    }
  }

  private static void apply(ParameterArena arena, String module, double scale) {
    try (PointerScope scope = new PointerScope()) {
      Tensor down = arena.parameter(LoraSpec.nameOfA(module)).value().to(ScalarType.Float);
      Tensor up = arena.parameter(LoraSpec.nameOfB(module)).value().to(ScalarType.Float);
      Tensor weight = arena.parameter(module + ".weight").value();
      weight.copy_(weight.to(ScalarType.Float).add(up.mm(down), new Scalar(scale)));
    }
  }
}
