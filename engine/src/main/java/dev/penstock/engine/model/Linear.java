package dev.penstock.engine.model;

import dev.penstock.engine.model.LinearAdapter.Module;
import dev.penstock.engine.torch.MatrixProduct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x W^T + b} whose weight autograd does not see; see {@link WeightGradientStore}.
 * Several projections of one input that are neighbours in the arena run as one, as far as all of
 * them are trained or none is.
 */
final class Linear {
  /** Projections that run as one. */
  private static final class Part {
    private final Tensor weight;
    private final @Nullable Tensor weightGradient;
    private final @Nullable Tensor biasGradient;
    private final @Nullable Tensor bias;

    /** Biases that are trained though the weight is not: autograd sees them. */
    private final List<Tensor> biasLeaves;

    Part(ParameterArena arena, List<Module> modules) {
      List<String> weights = modules.stream().map(Module::weight).toList();
      List<String> biases = modules.stream().map(Module::bias).filter(arena::contains).toList();
      weight = arena.joinedWeights(weights);
      weightGradient = arena.joinedGradients(weights);
      boolean apart =
          weightGradient == null
              && biases.stream().anyMatch(name -> arena.parameter(name).trainable());
      biasLeaves = apart ? biases.stream().map(arena::leaf).toList() : List.of();
      bias = apart || biases.isEmpty() ? null : arena.joinedWeights(biases);
      biasGradient = bias == null ? null : arena.joinedGradients(biases);
    }

    Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
      Tensor output = product(input, weight, bias());
      leaveGradient(input, output, weightGradient, biasGradient, weightGradients);
      return output;
    }

    void leave(Tensor input, Tensor gradient, WeightGradientStore weightGradients) {
      if (weightGradient != null) {
        weightGradients.addReached(input, gradient, weightGradient, biasGradient);
      }
    }

    boolean hasNoBias() {
      return bias == null && biasLeaves.isEmpty();
    }

    private @Nullable Tensor bias() {
      return biasLeaves.isEmpty() ? bias : LowRankAdapter.join(biasLeaves).to(weight.scalar_type());
    }
  }

  private final List<Part> parts = new ArrayList<>();
  private final @Nullable LinearAdapter adapter;

  private Linear(ParameterArena arena, List<Module> modules) {
    int begin = 0;
    for (int end = 1; end <= modules.size(); end++) {
      if (end == modules.size()
          || isTrained(arena, modules.get(end)) != isTrained(arena, modules.get(begin))) {
        parts.add(new Part(arena, modules.subList(begin, end)));
        begin = end;
      }
    }
    adapter = LinearAdapter.of(arena, modules);
  }

  private static boolean isTrained(ParameterArena arena, Module module) {
    return arena.parameter(module.weight()).trainable();
  }

  /** The projections of these names, outputs side by side in the last dimension. */
  static Linear of(ParameterArena arena, String... modules) {
    return new Linear(arena, Arrays.stream(modules).map(Module::of).toList());
  }

  /** A projection by a weight that has a name of its own: a tied head uses the embedding's. */
  static Linear ofWeight(ParameterArena arena, String module, String weight) {
    return new Linear(arena, List.of(new Module(module, weight)));
  }

  /** Whether this is one product with one weight and nothing else. */
  boolean isPlain() {
    return adapter == null && parts.size() == 1 && parts.get(0).hasNoBias();
  }

  /**
   * Whether this is one product of which autograd has to see nothing: then {@link #multiply},
   * {@link #inputGradient} and {@link #leaveGradient} may take the place of {@link #forward}.
   */
  boolean isWhole() {
    return adapter == null && parts.size() == 1 && parts.get(0).biasLeaves.isEmpty();
  }

  /** Whether a whole one leaves gradients. */
  boolean isTrained() {
    return parts.get(0).weightGradient != null;
  }

  /** The output of a whole one, under no-grad. */
  Tensor multiply(Tensor input) {
    return product(input, parts.get(0).weight, parts.get(0).bias);
  }

  /** From the gradient of a whole one's output to that of its input, under no-grad. */
  Tensor inputGradient(Tensor outputGradient) {
    return MatrixProduct.linear(outputGradient, parts.get(0).weight.t(), null);
  }

  /** Leaves the gradients of a whole one's weight and bias. */
  void leaveGradient(Tensor input, Tensor outputGradient, WeightGradientStore weightGradients) {
    parts.get(0).leave(input, outputGradient, weightGradients);
  }

  Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
    Tensor output =
        parts.size() == 1
            ? parts.get(0).forward(input, weightGradients)
            : LowRankAdapter.join(
                parts.stream().map(part -> part.forward(input, weightGradients)).toList());
    return adapter == null ? output : adapter.adapt(output, input, weightGradients);
  }

  /** A projection without a bias. */
  static Tensor project(
      Tensor input,
      Tensor weight,
      @Nullable Tensor weightGradient,
      @Nullable WeightGradientStore weightGradients) {
    Tensor output = product(input, weight, null);
    leaveGradient(input, output, weightGradient, null, weightGradients);
    return output;
  }

  /**
   * One row, as in decoding, is a product of a matrix and a vector, which reads the weight once:
   * the product of matrices first packs all of it, and takes three to four times as long.
   */
  private static Tensor product(Tensor input, Tensor weight, @Nullable Tensor bias) {
    if (GradMode.is_enabled()) {
      return torch.linear(
          input, weight, bias == null ? new TensorOptional() : new TensorOptional(bias));
    }
    if (input.numel() != weight.size(1)) {
      return MatrixProduct.linear(input, weight, bias);
    }
    long[] shape = new long[(int) input.dim()];
    Arrays.fill(shape, 1);
    shape[shape.length - 1] = weight.size(0);
    Tensor row = torch.mv(weight, input.reshape(-1));
    return (bias == null ? row : row.add_(bias)).view(shape);
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
