package dev.penstock.engine.model.family;

import dev.penstock.engine.model.MoeSpec;
import dev.penstock.engine.model.MoeSpec.ExpertNames;

/** The keys that families with experts spell alike. */
final class Experts {
  private Experts() {}

  static MoeSpec read(
      ConfigReader config,
      String numExpertsKey,
      String intermediateSizeKey,
      boolean normalizedWeights,
      ExpertNames names) {
    if (config.flag("output_router_logits", false)) {
      config.problem(
          "'output_router_logits' = true is not supported: the router's auxiliary loss is not"
              + " computed; set it to false");
    }
    int experts = config.positive(numExpertsKey);
    int chosen = config.positive("num_experts_per_tok");
    if (chosen > experts) {
      config.problem(
          "'num_experts_per_tok' (%d) must not be greater than '%s' (%d)"
              .formatted(chosen, numExpertsKey, experts));
    }
    return new MoeSpec(
        experts,
        chosen,
        normalizedWeights,
        config.positive(intermediateSizeKey),
        CommonKeys.activation(config, "hidden_act", "silu"),
        names);
  }
}
