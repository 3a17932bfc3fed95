package dev.penstock.engine.model;

import java.util.ArrayList;
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
 * projection has an adapter, else nothing. The A of all of them run as one matrix, on one input
 * with dropout.
 */
final class LowRankAdapter {
  /**
   * One projection.
   *
   * @param features of its output
   * @param up its B, or null if it has no adapter
   */
  private record Projection(long features, @Nullable Tensor up, @Nullable Tensor upGradient) {}

  private final LoraSpec spec;
  private final long seed;
  private final Tensor down;
  private final @Nullable Tensor downGradient;
  private final List<Projection> projections = new ArrayList<>();

  private LowRankAdapter(
      ParameterArena arena, LoraSpec spec, List<String> modules, List<String> adapted) {
    this.spec = spec;
    seed = NamedSeed.of(spec.seed(), adapted.get(0));
    List<String> downs = adapted.stream().map(LoraSpec::nameOfA).toList();
    down = arena.joinedWeights(downs);
    downGradient = arena.joinedGradients(downs);
    for (String module : modules) {
      long features = arena.weight(module + ".weight").size(0);
      List<String> up = List.of(LoraSpec.nameOfB(module));
      projections.add(
          adapted.contains(module)
              ? new Projection(features, arena.joinedWeights(up), arena.joinedGradients(up))
              : new Projection(features, null, null));
    }
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
    Tensor x = weightGradients == null ? input : withDropout(input, weightGradients.pass());
    Tensor low = Linear.project(x, down, downGradient, weightGradients);
    List<Tensor> parts = new ArrayList<>();
    long at = 0;
    for (Projection projection : projections) {
      if (projection.up == null) {
        parts.add(zeros(low, projection.features));
      } else {
        Tensor own = low.narrow(-1, at, spec.rank());
        at += spec.rank();
        parts.add(Linear.project(own, projection.up, projection.upGradient, weightGradients));
      }
    }
    Tensor sum = parts.size() == 1 ? parts.get(0) : join(parts);
    return output.add(sum, new Scalar(spec.scale()));
  }

  private static Tensor join(List<Tensor> parts) {
    return torch.cat(new TensorVector(parts.toArray(new Tensor[0])), -1);
  }

  private static Tensor zeros(Tensor low, long features) {
    long[] sizes = sizes(low);
    sizes[sizes.length - 1] = features;
    return torch.zeros(sizes, low.options());
  }

  /** The same for the same pass, so that a recomputed layer repeats itself. */
  private Tensor withDropout(Tensor input, long pass) {
    if (spec.dropout() == 0) {
      return input;
    }
    double kept = 1 - spec.dropout();
    Generator random = torch.make_generator_cpu(seed + pass);
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
