package dev.penstock.engine.pipeline;

import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.WeightGradientStore;
import dev.penstock.engine.torch.HostTensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The reference cases' block {@code y = tanh(x W^T + b)} in float64, by plain autograd. */
final class TanhBlock implements StageModule {
  static final int WIDTH = 4;

  private final int stage;
  private final Tensor weight;
  private final Tensor bias;

  TanhBlock(int stage) {
    this.stage = stage;
    double[] w = new double[WIDTH * WIDTH];
    double[] b = new double[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      for (int j = 0; j < WIDTH; j++) {
        w[i * WIDTH + j] = 0.8 * Math.sin(0.37 * (stage + 1) + 0.11 * i + 0.23 * j);
      }
      b[i] = 0.05 * (stage + 1) * (i % 2 == 0 ? 1 : -1);
    }
    weight = leaf(w, WIDTH, WIDTH);
    bias = leaf(b, WIDTH);
  }

  private static Tensor leaf(double[] values, long... shape) {
    try (TensorOptions options = HostTensors.options(ScalarType.Double, "cpu")) {
      Tensor tensor = HostTensors.ofDoubles(values, options, shape);
      tensor.requires_grad_(true);
      return tensor;
    }
  }

  @Override
  public Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
    return torch.linear(input, weight, new TensorOptional(bias)).tanh();
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.ofLeaf(stage + ".weight", weight), Parameter.ofLeaf(stage + ".bias", bias));
  }

  @Override
  public long[] outputShape(long[] inputShape) {
    return new long[] {inputShape[0], WIDTH};
  }

  @Override
  public void close() {
    weight.close();
    bias.close();
  }
}
