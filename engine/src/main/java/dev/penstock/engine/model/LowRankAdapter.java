package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What {@link LoraSpec} adds to the projections of one input: {@code scale * x A^T B^T} where a
 * projection has an adapter, else nothing. As in peft, each adapter drops inputs of its own; the A
 * of adapters that drop none run as one matrix.
 */
final class LowRankAdapter {
  /**
   * The A of one adapter, or of several below each other.
   *
   * @param seed of the dropout
   */
  private record Down(Tensor weight, @Nullable Tensor gradient, long seed) {}

  /**
   * One projection.
   *
   * @param features of its output
   * @param up its B, or null if it has no adapter
   */
  private record Projection(long features, @Nullable Tensor up, @Nullable Tensor upGradient) {}

  private final LoraSpec spec;
  private final List<Down> downs = new ArrayList<>();
  private final List<Projection> projections = new ArrayList<>();

  private LowRankAdapter(
      ParameterArena arena, LoraSpec spec, List<String> modules, List<String> adapted) {
    this.spec = spec;
    if (spec.dropout() == 0) {
      downs.add(down(arena, adapted));
    } else {
      adapted.forEach(module -> downs.add(down(arena, List.of(module))));
    }
    for (String module : modules) {
      long features = arena.weight(module + ".weight").size(0);
      List<String> up = List.of(LoraSpec.nameOfB(module));
      projections.add(
          adapted.contains(module)
              ? new Projection(features, arena.joinedWeights(up), arena.joinedGradients(up))
              : new Projection(features, null, null));
    }
  }

  private Down down(ParameterArena arena, List<String> adapted) {
    List<String> names = adapted.stream().map(LoraSpec::nameOfA).toList();
    return new Down(
        arena.joinedWeights(names),
        arena.joinedGradients(names),
        NamedSeed.of(spec.seed(), adapted.get(0)));
  }

  /** The adapter of the projections of these names; null if none of them has one. */
  static @Nullable LowRankAdapter of(ParameterArena arena, List<String> modules) {
    LoraSpec spec = arena.lora();
    if (spec == null) {
      return null;
    }
    List<String> adapted = modules.stream().filter(spec.modules()::contains).toList();
    return adapted.isEmpty() ? null : new LowRankAdapter(arena, spec, modules, adapted);
  }

  /** Adds to the projections' output, in the caller's PointerScope. */
  Tensor addTo(Tensor output, Tensor input, @Nullable WeightGradientStore weightGradients) {
    Iterator<Tensor> lows = lows(input, weightGradients).iterator();
    List<Tensor> parts = new ArrayList<>();
    for (Projection projection : projections) {
      parts.add(
          projection.up == null
              ? zeros(output, projection.features)
              : Linear.project(lows.next(), projection.up, projection.upGradient, weightGradients));
    }
    Tensor sum = parts.size() == 1 ? parts.get(0) : join(parts);
    return output.add(sum, new Scalar(spec.scale()));
  }

  /** The input by the A of each adapter. */
  private List<Tensor> lows(Tensor input, @Nullable WeightGradientStore weightGradients) {
    List<Tensor> lows = new ArrayList<>();
    for (Down down : downs) {
      Tensor x =
          weightGradients == null ? input : withDropout(input, down.seed + weightGradients.pass());
      Tensor low = Linear.project(x, down.weight, down.gradient, weightGradients);
      for (long at = 0; at < low.size(-1); at += spec.rank()) {
        lows.add(low.narrow(-1, at, spec.rank()));
      }
    }
    return lows;
  }

  private static Tensor join(List<Tensor> parts) {
    return torch.cat(new TensorVector(parts.toArray(new Tensor[0])), -1);
  }

  private static Tensor zeros(Tensor like, long features) {
    long[] sizes = sizes(like);
    sizes[sizes.length - 1] = features;
    return torch.zeros(sizes, like.options());
  }

  /** The same for the same seed, so that a recomputed layer repeats itself. */
  private Tensor withDropout(Tensor input, long seed) {
    if (spec.dropout() == 0) {
      return input;
    }
    double kept = 1 - spec.dropout();
    Generator random = torch.make_generator_cpu(seed);
    Tensor mask =
        torch.empty(sizes(input), new TensorOptions(ScalarType.Float), new MemoryFormatOptional());
    mask.bernoulli_(kept, new GeneratorOptional(random));
    return input.mul(mask.div(new Scalar(kept)).to(input));
  }

  private static long[] sizes(Tensor tensor) {
    long[] sizes = new long[(int) tensor.dim()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = tensor.size(i);
    }
    return sizes;
  }
}
