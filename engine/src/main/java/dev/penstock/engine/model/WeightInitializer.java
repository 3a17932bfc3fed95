package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.nio.charset.StandardCharsets;
import java.util.Random;
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
    try (NoGradGuard noGrad = new NoGradGuard();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      for (Parameter parameter : arena.parameters()) {
        switch (arena.shape(parameter.name()).init()) {
          case ZEROS -> parameter.value().zero_();
          case ONES -> fillOnes(parameter.value());
          case NORMAL -> fillNormal(parameter, options);
        }
      }
    }
    arena.publish();
  }

  private static void fillOnes(Tensor value) {
    try (PointerScope scope = new PointerScope()) {
      value.fill_(new org.bytedeco.pytorch.Scalar(1.0));
    }
  }

  private void fillNormal(Parameter parameter, TensorOptions options) {
    // java.util.Random, whose algorithm the platform specifies: the same bits on every JDK.
    Random random = new Random(mix(seed, parameter.name()));
    long numel = parameter.numel();
    float[] chunk = new float[(int) Math.min(CHUNK, numel)];
    for (long begin = 0; begin < numel; begin += chunk.length) {
      int count = (int) Math.min(chunk.length, numel - begin);
      for (int i = 0; i < count; i++) {
        chunk[i] = (float) (random.nextGaussian() * standardDeviation);
      }
      try (PointerScope scope = new PointerScope();
          Tensor values = HostTensors.ofFloats(chunk, options, chunk.length)) {
        parameter.value().view(-1).narrow(0, begin, count).copy_(values.narrow(0, 0, count));
      }
    }
  }

  /** FNV-1a over the name, then the finalizer of SplitMix64: near seeds give unrelated streams. */
  private static long mix(long seed, String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    long z = hash + seed * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
