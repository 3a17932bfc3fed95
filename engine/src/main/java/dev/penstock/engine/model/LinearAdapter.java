package dev.penstock.engine.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What {@link LoraSpec} makes of the output of the linear modules of one input. */
sealed interface LinearAdapter permits LowRankAdapter, MagnitudeAdapter {
  /**
   * The output with the adapters, in the caller's PointerScope.
   *
   * @param output of the modules without adapters, side by side in the last dimension
   */
  Tensor adapt(Tensor output, Tensor input, @Nullable WeightGradientStore weightGradients);

  /**
   * A linear module.
   *
   * @param name the module's, by which it may have an adapter
   * @param weight name of its weight: a tied head has the embedding's
   */
  record Module(String name, String weight) {
    static Module of(String name) {
      return new Module(name, name + ".weight");
    }

    String bias() {
      return name + ".bias";
    }
  }

  /** The adapters of modules; null if none of them has one. */
  static @Nullable LinearAdapter of(ParameterArena arena, List<Module> modules) {
    LoraSpec spec = arena.lora();
    if (spec == null
        || modules.stream().noneMatch(module -> spec.adapters().containsKey(module.name()))) {
      return null;
    }
    return spec.magnitudes()
        ? new MagnitudeAdapter(arena, spec, modules)
        : new LowRankAdapter(arena, spec, modules);
  }
}
