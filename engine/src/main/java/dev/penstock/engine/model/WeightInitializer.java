package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Fills the weights of a new model. The values of a weight depend on the seed and its name alone,
 * so that they are the same whatever stage, rank or device it is on.
 */
public final class WeightInitializer {
  private static final int CHUNK = 1 << 20;

  private final long seed;
  private final double standardDeviation;

  public WeightInitializer(long seed, double standardDeviation) {
    this.seed = seed;
    this.standardDeviation = standardDeviation;
  }

  /** Sets the initial values of every parameter of the arena. */
  public void fill(ParameterArena arena) {
    fill(arena, name -> true);
  }

  /** Sets the initial values of the parameters of these names. */
  public void fill(ParameterArena arena, Predicate<String> names) {
    try (NoGradGuard noGrad = new NoGradGuard();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      for (Parameter parameter : arena.parameters()) {
        if (names.test(parameter.name())) {
          fill(parameter, arena.shape(parameter.name()), options);
        }
      }
    }
    arena.publish();
  }

  private void fill(Parameter parameter, TensorShape shape, TensorOptions options) {
    // java.util.Random, whose algorithm the platform specifies: the same bits on every JDK.
    Random random = new Random(NamedSeed.of(seed, parameter.name()));
    switch (shape.init()) {
      case ZEROS -> parameter.value().zero_();
      case ONES -> fillOnes(parameter.value());
      case NORMAL -> fill(parameter, options, () -> random.nextGaussian() * standardDeviation);
      case STANDARD_NORMAL -> fill(parameter, options, random::nextGaussian);
      case UNIFORM_BY_COLUMNS -> {
        double bound = 1 / Math.sqrt(shape.shape().get(1));
        fill(parameter, options, () -> (2 * random.nextDouble() - 1) * bound);
      }
    }
  }

  private static void fillOnes(Tensor value) {
    try (PointerScope scope = new PointerScope()) {
      value.fill_(new org.bytedeco.pytorch.Scalar(1.0));
    }
  }

  private static void fill(Parameter parameter, TensorOptions options, DoubleSupplier values) {
    long numel = parameter.numel();
    float[] chunk = new float[(int) Math.min(CHUNK, numel)];
    for (long begin = 0; begin < numel; begin += chunk.length) {
      int count = (int) Math.min(chunk.length, numel - begin);
      for (int i = 0; i < count; i++) {
        chunk[i] = (float) values.getAsDouble();
      }
      try (PointerScope scope = new PointerScope();
          Tensor host = HostTensors.ofFloats(chunk, options, chunk.length)) {
        parameter.value().view(-1).narrow(0, begin, count).copy_(host.narrow(0, 0, count));
      }
    }
  }
}
