package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A mixture of experts: each token goes to the experts that its router finds most probable, and
 * takes the sum of their outputs, weighted by the probabilities.
 *
 * <p>Tokens are sorted by expert, so that each expert runs once over its own, through the linear
 * layers that leave their weight gradients for later. All gathering is by permutations: no two
 * threads of a device add to one element, so a run repeats to the bit.
 *
 * <p>Shape suffixes: S = tokens of all rows, D = hidden size, E = experts, C = choices of a token,
 * P = pairs of a token and one of its experts, S * C of them.
 */
final class MixtureOfExperts implements FeedForward {
  private final MoeSpec spec;
  private final Linear router;
  private final List<Mlp> experts = new ArrayList<>();

  MixtureOfExperts(ParameterArena arena, String layerPrefix, MoeSpec spec) {
    this.spec = spec;
    MoeSpec.ExpertNames names = spec.names();
    router = Linear.of(arena, layerPrefix + names.router());
    for (int number = 0; number < spec.numExperts(); number++) {
      String prefix = layerPrefix + names.expert(number);
      Linear gateUp = Linear.of(arena, prefix + names.gate(), prefix + names.up());
      Linear down = Linear.of(arena, prefix + names.down());
      experts.add(new Mlp(spec.activation(), gateUp, down));
    }
  }

  @Override
  public Tensor forward(Tensor x_BTD, @Nullable WeightGradientStore weightGradients) {
    long hiddenSize = x_BTD.size(-1);
    long choices = spec.expertsPerToken();
    Tensor x_SD = x_BTD.reshape(-1, hiddenSize);
    T_TensorTensor_T chosen = choose(router.forward(x_SD, weightGradients));
    Tensor expert_P = chosen.get1().reshape(-1);
    Tensor order_P = torch.argsort(expert_P, true, 0, false);

    Tensor x_PD =
        x_SD.unsqueeze(1)
            .expand(x_SD.size(0), choices, hiddenSize)
            .reshape(-1, hiddenSize)
            .index_select(0, order_P);
    Tensor y_PD = runExperts(x_PD, tokensByExpert(expert_P), weightGradients);
    Tensor weight_P1 = chosen.get0().to(x_BTD.scalar_type()).reshape(-1, 1);
    return y_PD.index_select(0, torch.argsort(order_P))
        .mul(weight_P1)
        .view(-1, choices, hiddenSize)
        .sum(1)
        .view_as(x_BTD);
  }

  /** Weights and numbers [S, C] of each token's experts; the weights are float32. */
  private T_TensorTensor_T choose(Tensor logits_SE) {
    Tensor probabilities_SE =
        torch.softmax(logits_SE, -1, new ScalarTypeOptional(ScalarType.Float));
    T_TensorTensor_T chosen = torch.topk(probabilities_SE, spec.expertsPerToken(), -1, true, true);
    if (!spec.normalizedWeights()) {
      return chosen;
    }
    Tensor weight_SC = chosen.get0();
    Tensor sum_S1 = weight_SC.sum(new long[] {-1}, true, new ScalarTypeOptional());
    return new T_TensorTensor_T(weight_SC.div(sum_S1), chosen.get1());
  }

  private long[] tokensByExpert(Tensor expert_P) {
    return HostTensors.toLongs(torch.bincount(expert_P, new TensorOptional(), spec.numExperts()));
  }

  private Tensor runExperts(
      Tensor x_PD, long[] tokensByExpert, @Nullable WeightGradientStore weightGradients) {
    TensorVector parts = x_PD.split_with_sizes(tokensByExpert, 0);
    List<Tensor> outputs = new ArrayList<>();
    for (int number = 0; number < tokensByExpert.length; number++) {
      if (tokensByExpert[number] > 0) {
        // A copy of the handle: an element of the vector is only a reference into its memory, and
        // the expert's linear layer keeps its input beyond this scope.
        Tensor x = new Tensor(parts.get(number));
        outputs.add(experts.get(number).forward(x, weightGradients));
      }
    }
    return HostTensors.concatenate(0, outputs.toArray(new Tensor[0]));
  }
}
