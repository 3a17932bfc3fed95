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
  private final @Nullable Tensor biasGradient;
  private final TensorOptional biasOption;
  private final @Nullable LowRankAdapter adapter;

  private Linear(ParameterArena arena, List<String> modules) {
    List<String> weights = modules.stream().map(name -> name + ".weight").toList();
    List<String> biases = modules.stream().map(name -> name + ".bias").toList();
    boolean hasBias = arena.contains(biases.get(0));
    weight = arena.joinedWeights(weights);
    weightGradient = arena.joinedGradients(weights);
    biasGradient = hasBias ? arena.joinedGradients(biases) : null;
    biasOption = hasBias ? new TensorOptional(arena.joinedWeights(biases)) : new TensorOptional();
    adapter = LowRankAdapter.of(arena, modules);
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
    leaveGradient(input, output, weightGradient, biasGradient, weightGradients);
    return adapter == null ? output : adapter.addTo(output, input, weightGradients);
  }

  /** A projection without a bias. */
  static Tensor project(
      Tensor input,
      Tensor weight,
      @Nullable Tensor weightGradient,
      @Nullable WeightGradientStore weightGradients) {
    Tensor output = torch.linear(input, weight, new TensorOptional());
    leaveGradient(input, output, weightGradient, null, weightGradients);
    return output;
  }

  private static void leaveGradient(
      Tensor input,
      Tensor output,
      @Nullable Tensor weightGradient,
      @Nullable Tensor biasGradient,
      @Nullable WeightGradientStore weightGradients) {
    if (weightGradient == null || weightGradients == null || !weightGradients.isRecording()) {
      return;
    }
    if (!output.requires_grad()) {
      output.requires_grad_(true);
    }
    weightGradients.addLinear(input, output, weightGradient, biasGradient);
  }
}
