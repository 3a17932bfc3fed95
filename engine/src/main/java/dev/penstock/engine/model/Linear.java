package dev.penstock.engine.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x W^T + b} whose weight autograd does not see; see {@link WeightGradientStore}.
 * Several projections of one input that are neighbours in the arena run as one.
 */
final class Linear {
  private final Tensor weight;
  private final @Nullable Tensor weightGradient;
  private final @Nullable Tensor bias;
  private final @Nullable Tensor biasGradient;
  private final TensorOptional biasOption;

  private Linear(ParameterArena arena, List<String> modules) {
    List<String> weights = modules.stream().map(name -> name + ".weight").toList();
    List<String> biases = modules.stream().map(name -> name + ".bias").toList();
    boolean hasBias = arena.contains(biases.get(0));
    weight = arena.joinedWeights(weights);
    weightGradient = arena.joinedGradients(weights);
    bias = hasBias ? arena.joinedWeights(biases) : null;
    biasGradient = hasBias ? arena.joinedGradients(biases) : null;
    biasOption = bias == null ? new TensorOptional() : new TensorOptional(bias);
  }

  /** The projections of these names, outputs side by side in the last dimension. */
  static Linear of(ParameterArena arena, String... modules) {
    return new Linear(arena, List.of(modules));
  }

  /** A projection by a weight that has a name of its own: a tied head uses the embedding's. */
  static Linear ofWeight(ParameterArena arena, String weightName) {
    return of(arena, weightName.substring(0, weightName.length() - ".weight".length()));
  }

  Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
    Tensor output = torch.linear(input, weight, biasOption);
    if (weightGradients != null && weightGradient != null) {
      if (!output.requires_grad()) {
        output.requires_grad_(true);
      }
      weightGradients.addLinear(input, output, weightGradient, biasGradient);
    }
    return output;
  }
}
