package dev.penstock.engine.model;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Sets elements to zero at random and scales up the others, in training alone. Which ones depends
 * on the seed, the module's name and the pass (step and microbatch) only, so a run repeats itself
 * under every schedule and split, and a layer that runs again drops the same ones.
 */
final class Dropout {
  /** The random numbers of one module in one pass. */
  static final class Draw {
    private final double kept;
    private final Generator random;

    private Draw(double kept, Generator random) {
      this.kept = kept;
      this.random = random;
    }

    /** Drops in the caller's PointerScope; a second call goes on with further numbers. */
    Tensor drop(Tensor x) {
      Tensor mask = torch.empty_like(x).bernoulli_(kept, new GeneratorOptional(random));
      return x.mul(mask.div_(new Scalar(kept)));
    }
  }

  private final double kept;
  private final long seed;

  private Dropout(double rate, long seed) {
    kept = 1 - rate;
    this.seed = seed;
  }

  /** The dropout of a place in a module; null if nothing is dropped there. */
  static @Nullable Dropout of(DropoutSpec spec, DropoutSpec.Place place, String module) {
    return of(spec.rate(place), spec.seed(), module);
  }

  /** The dropout of a module; null if the rate is 0. */
  static @Nullable Dropout of(double rate, long seed, String module) {
    return rate == 0 ? null : new Dropout(rate, NamedSeed.of(seed, module));
  }

  /** Drops in training, in the caller's PointerScope; anything else passes. */
  static Tensor apply(
      @Nullable Dropout dropout, Tensor x, @Nullable WeightGradientStore weightGradients) {
    Draw draw = draw(dropout, weightGradients, x);
    return draw == null ? x : draw.drop(x);
  }

  /**
   * The random numbers of a pass, in the caller's PointerScope; null if nothing is dropped.
   *
   * @param like lies on the device where numbers are to be drawn
   */
  static @Nullable Draw draw(
      @Nullable Dropout dropout, @Nullable WeightGradientStore weightGradients, Tensor like) {
    return dropout == null || weightGradients == null
        ? null
        : dropout.draw(weightGradients.pass(), like);
  }

  private Draw draw(long pass, Tensor like) {
    // A generator of its own: torch's global one is shared by all ranks of a process.
    Generator random = torch.globalContext().defaultGenerator(like.device()).clone();
    random.set_current_seed(seed + pass);
    return new Draw(kept, random);
  }
}
