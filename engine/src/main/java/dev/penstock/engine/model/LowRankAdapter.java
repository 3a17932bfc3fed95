package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What {@link LoraSpec} adds to the projections of one input: {@code scale * x A^T B^T} where a
 * projection has an adapter, else nothing. As in peft, each adapter drops inputs of its own; the A
 * of adapters that drop none run as one matrix.
 */
final class LowRankAdapter implements LinearAdapter {
  /**
   * The A of one adapter, or of several below each other.
   *
   * @param dropout of its input; null: none
   */
  private record Down(
      Tensor weight, @Nullable Tensor gradient, @Nullable Dropout dropout, List<Integer> ranks) {}

  /**
   * One projection.
   *
   * @param features of its output
   * @param up its B, or null if it has no adapter
   */
  private record Projection(
      long features, @Nullable Tensor up, @Nullable Tensor upGradient, double scale) {}

  private final List<Down> downs = new ArrayList<>();
  private final List<Projection> projections = new ArrayList<>();

  /** The factor of all adapters, so that one multiplication does; 0: they differ. */
  private final double commonScale;

  LowRankAdapter(ParameterArena arena, LoraSpec spec, List<Module> modules) {
    List<String> adapted =
        modules.stream().map(Module::name).filter(spec.adapters()::containsKey).toList();
    if (spec.dropout() == 0) {
      downs.add(down(arena, spec, adapted));
    } else {
      adapted.forEach(module -> downs.add(down(arena, spec, List.of(module))));
    }
    for (Module module : modules) {
      long features = arena.weight(module.weight()).size(0);
      AdapterSpec adapter = spec.adapters().get(module.name());
      List<String> up = List.of(LoraSpec.nameOfB(module.name()));
      projections.add(
          adapter == null
              ? new Projection(features, null, null, 0)
              : new Projection(
                  features, arena.joinedWeights(up), arena.joinedGradients(up), adapter.scale()));
    }
    List<Double> scales = scales().distinct().toList();
    commonScale = scales.size() == 1 ? scales.get(0) : 0;
  }

  private Stream<Double> scales() {
    return projections.stream().filter(p -> p.up != null).map(Projection::scale);
  }

  private static Down down(ParameterArena arena, LoraSpec spec, List<String> adapted) {
    List<String> names = adapted.stream().map(LoraSpec::nameOfA).toList();
    return new Down(
        arena.joinedWeights(names),
        arena.joinedGradients(names),
        Dropout.of(spec.dropout(), spec.seed(), adapted.get(0)),
        adapted.stream().map(module -> spec.adapters().get(module).rank()).toList());
  }

  @Override
  public Tensor adapt(Tensor output, Tensor input, @Nullable WeightGradientStore weightGradients) {
    Iterator<Tensor> lows = lows(input, weightGradients).iterator();
    List<Tensor> parts = new ArrayList<>();
    for (Projection projection : projections) {
      parts.add(
          projection.up == null
              ? zeros(output, projection.features)
              : raised(lows.next(), projection, weightGradients));
    }
    Tensor sum = parts.size() == 1 ? parts.get(0) : join(parts);
    return commonScale == 0 ? output.add(sum) : output.add(sum, new Scalar(commonScale));
  }

  private Tensor raised(
      Tensor low, Projection projection, @Nullable WeightGradientStore weightGradients) {
    Tensor part = Linear.project(low, projection.up, projection.upGradient, weightGradients);
    return commonScale == 0 ? part.mul(new Scalar(projection.scale)) : part;
  }

  /** What the adapter of a single module computes of an input, dropped already. */
  Tensor single(Tensor input, @Nullable WeightGradientStore weightGradients) {
    Down down = downs.get(0);
    Projection projection = projections.get(0);
    Tensor low = Linear.project(input, down.weight, down.gradient, weightGradients);
    return Linear.project(low, projection.up, projection.upGradient, weightGradients)
        .mul(new Scalar(projection.scale));
  }

  /** The input of a single module as its adapter gets it. */
  Tensor dropped(Tensor input, @Nullable WeightGradientStore weightGradients) {
    return Dropout.apply(downs.get(0).dropout, input, weightGradients);
  }

  /** The input by the A of each adapter. */
  private List<Tensor> lows(Tensor input, @Nullable WeightGradientStore weightGradients) {
    List<Tensor> lows = new ArrayList<>();
    for (Down down : downs) {
      Tensor x = Dropout.apply(down.dropout, input, weightGradients);
      Tensor low = Linear.project(x, down.weight, down.gradient, weightGradients);
      long at = 0;
      for (int rank : down.ranks) {
        lows.add(low.narrow(-1, at, rank));
        at += rank;
      }
    }
    return lows;
  }

  static Tensor join(List<Tensor> parts) {
    return torch.cat(new TensorVector(parts.toArray(new Tensor[0])), -1);
  }

  private static Tensor zeros(Tensor like, long features) {
    long[] sizes = sizes(like);
    sizes[sizes.length - 1] = features;
    return torch.zeros(sizes, like.options());
  }

  private static long[] sizes(Tensor tensor) {
    long[] sizes = new long[(int) tensor.dim()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = tensor.size(i);
    }
    return sizes;
  }
}
