package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters with magnitudes (DoRA, Liu et al. 2024, arXiv:2402.09353): each row of {@code W
 * + scale B A} is brought to a length that is trained. As in peft the length that it had is a
 * constant to the gradient, and dropout leaves out inputs of what changes alone.
 */
final class MagnitudeAdapter implements LinearAdapter {
  private static final long[] ROW = {1};

  /** A module with an adapter. */
  private record Adapted(
      LowRankAdapter lowRank, Tensor weight, @Nullable Tensor bias, Tensor magnitude, Rows rows) {}

  /** What the lengths of the rows follow from. */
  private record Rows(Tensor weight, Tensor down, Tensor up, double scale) {
    /** Lengths of the rows of W + scale B A, in float32. */
    Tensor lengths() {
      try (NoGradGuard noGrad = new NoGradGuard()) {
        Tensor product = up.to(ScalarType.Float).mm(down.to(ScalarType.Float));
        Tensor sum = weight.to(ScalarType.Float).add(product, new Scalar(scale));
        return sum.square().sum(ROW, false, new ScalarTypeOptional()).sqrt();
      }
    }
  }

  private final double dropout;
  private final long[] features;
  private final List<@Nullable Adapted> modules = new ArrayList<>();

  MagnitudeAdapter(ParameterArena arena, LoraSpec spec, List<Module> modules) {
    dropout = spec.dropout();
    features = modules.stream().mapToLong(m -> arena.weight(m.weight()).size(0)).toArray();
    for (Module module : modules) {
      AdapterSpec adapter = spec.adapters().get(module.name());
      this.modules.add(adapter == null ? null : adapted(arena, spec, module, adapter));
    }
  }

  private static Adapted adapted(
      ParameterArena arena, LoraSpec spec, Module module, AdapterSpec adapter) {
    Tensor weight = arena.weight(module.weight());
    return new Adapted(
        new LowRankAdapter(arena, spec, List.of(module)),
        weight,
        arena.contains(module.bias()) ? arena.leaf(module.bias()) : null,
        arena.leaf(LoraSpec.nameOfMagnitude(module.name())),
        new Rows(
            weight,
            arena.weight(LoraSpec.nameOfA(module.name())),
            arena.weight(LoraSpec.nameOfB(module.name())),
            adapter.scale()));
  }

  /** Lengths of the rows of the adapted weight of a module, in float32. */
  static Tensor lengths(Tensor weight, Tensor down, Tensor up, double scale) {
    return new Rows(weight, down, up, scale).lengths();
  }

  @Override
  public Tensor adapt(Tensor output, Tensor input, @Nullable WeightGradientStore weightGradients) {
    TensorVector outputs = output.split_with_sizes(features, -1);
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < features.length; i++) {
      Adapted module = modules.get(i);
      Tensor own = outputs.get(i);
      parts.add(module == null ? own : adapt(module, own, input, weightGradients));
    }
    return parts.size() == 1 ? parts.get(0) : LowRankAdapter.join(parts);
  }

  private Tensor adapt(
      Adapted module, Tensor output, Tensor input, @Nullable WeightGradientStore weightGradients) {
    Tensor x = module.lowRank.dropped(input, weightGradients);
    Tensor change = module.lowRank.single(x, weightGradients);
    Tensor factor = module.magnitude.div(module.rows.lengths()).to(output.scalar_type());
    Tensor plain;
    if (weightGradients != null && dropout > 0) {
      plain = torch.linear(x, module.weight, new TensorOptional());
    } else if (module.bias == null) {
      return output.add(change).mul(factor);
    } else {
      plain = output.sub(module.bias.to(output.scalar_type()));
    }
    return output.add(plain.mul(factor.sub(new Scalar(1.0)))).add(change.mul(factor));
  }
}
