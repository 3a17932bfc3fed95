package dev.penstock.examples.bench;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LayerSpec;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.torch.MatrixProduct;
import dev.penstock.engine.torch.Threads;
import dev.penstock.engine.train.RankStages;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How fast this machine multiplies the matrices of a model, and how much of that its training is:
 * the measure that no library's luck is in.
 */
final class MatrixRates {
  private static final int RUNS = 9;

  /** A run takes at least so long, so that the clock does not matter. */
  private static final double LEAST_SECONDS = 0.01;

  /** Operations of a multiplication and an addition, and passes: forward and two backward. */
  private static final double TRAINING_OPERATIONS = 2 * 3;

  private final DecoderSpec spec;
  private final DecoderTensors tensors;
  private final BenchShape shape;
  private final ScalarType dtype;

  MatrixRates(DecoderSpec spec, BenchShape shape) {
    this.spec = spec;
    tensors = new DecoderTensors(spec);
    this.shape = shape;
    dtype = RankStages.types(shape.method.precision(), "cpu").activation();
  }

  /**
   * The best rate over the matrices of the model in all three directions, of the libraries that
   * training takes and in the run's precision; GFLOP/s a rank.
   */
  double peak() {
    Threads.configure(shape.threads, dtype);
    Set<List<Long>> matrices = new LinkedHashSet<>();
    for (String module : tensors.modules()) {
      if (!module.equals(DecoderTensors.EMBEDDING)) {
        tensors.of(module).stream()
            .map(TensorShape::shape)
            .filter(size -> size.size() == 2)
            .forEach(matrices::add);
      }
    }
    return matrices.stream().mapToDouble(this::rate).max().orElse(0);
  }

  private double rate(List<Long> matrix) {
    long tokens = (long) shape.microbatchSize * shape.seq;
    long out = matrix.get(0);
    long in = matrix.get(1);
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor x = torch.randn(new long[] {tokens, in}).to(dtype);
      Tensor y = torch.randn(new long[] {tokens, out}).to(dtype);
      Tensor weight = torch.randn(new long[] {out, in}).to(dtype);
      Tensor gradient = torch.zeros(new long[] {out, in}).to(dtype);
      double operations = 2.0 * tokens * out * in;
      double seconds =
          DoubleStream.of(
                  least(() -> torch.mm_out(y, x, weight.t())),
                  least(() -> MatrixProduct.linear(x, weight, null)),
                  least(() -> MatrixProduct.linear(y, weight.t(), null)),
                  least(() -> gradient.addmm_(y.t(), x, new Scalar(1e-3), new Scalar(1e-3))))
              .min()
              .orElseThrow();
      return operations / seconds / 1e9;
    }
  }

  /** Seconds of one product, the least of several runs. */
  private static double least(Runnable product) {
    int times = 1;
    double least = Double.MAX_VALUE;
    List<Double> runs = new ArrayList<>();
    while (runs.size() < RUNS) {
      long begin = System.nanoTime();
      for (int i = 0; i < times; i++) {
        try (PointerScope scope = new PointerScope()) {
          product.run();
        }
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      if (seconds < LEAST_SECONDS) {
        times *= 2;
      } else {
        runs.add(seconds / times);
        least = Math.min(least, seconds / times);
      }
    }
    return least;
  }

  /**
   * Operations that training one token needs by the model's shape: two for each weight it meets and
   * the scores of attention, three times. What is computed twice or for nothing does not count.
   */
  double operationsOfToken() {
    double weights = 0;
    for (String module : tensors.modules()) {
      if (!module.equals(DecoderTensors.EMBEDDING)) {
        weights += tensors.of(module).stream().mapToLong(TensorShape::numel).sum();
      }
    }
    double scores = 0;
    for (LayerSpec layer : spec.layers()) {
      weights -= layer.feedForward().numIdleWeights(spec.hiddenSize());
      double seen = (shape.seq + 1) / 2.0;
      if (layer.slidingWindow() > 0) {
        seen = Math.min(seen, layer.slidingWindow());
      }
      scores += 2 * seen * spec.attention().numHeads() * spec.attention().headDim();
    }
    return TRAINING_OPERATIONS * (weights + scores);
  }
}
