package dev.penstock.examples;

import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.WeightGradientStore;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A user's own stage: {@code relu(x W^T + b)} over JavaCPP tensors, differentiated by autograd. */
final class LinearStage implements StageModule {
  private final String name;
  private final Tensor weight;
  private final Tensor bias;

  LinearStage(String name, long inputs, long outputs) {
    this.name = name;
    try (PointerScope scope = new PointerScope()) {
      Tensor scaled = torch.randn(outputs, inputs).mul(new Scalar(Math.sqrt(2.0 / inputs)));
      weight = scaled.requires_grad_(true).retainReference();
      bias = torch.zeros(outputs).requires_grad_(true).retainReference();
    }
  }

  @Override
  public Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
    return torch.relu(torch.linear(input, weight, new TensorOptional(bias)));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.ofLeaf(name + ".weight", weight), Parameter.ofLeaf(name + ".bias", bias));
  }

  @Override
  public long[] outputShape(long[] inputShape) {
    return new long[] {inputShape[0], weight.size(0)};
  }

  @Override
  public void close() {
    weight.close();
    bias.close();
  }
}
