package dev.penstock.engine.model.family;

import dev.penstock.engine.model.MoeSpec;
import dev.penstock.engine.model.MoeSpec.ExpertNames;
import java.util.Locale;

/** The keys that families with experts spell alike. */
final class Experts {
  private Experts() {}

  /**
   * Reads the shape.
   *
   * @param defaultExperts number of experts if neither {@code num_local_experts} nor {@code
   *     num_experts} is there; which of them is there depends on the version that wrote the config
   */
  static MoeSpec read(
      ConfigReader config,
      int defaultExperts,
      String intermediateSizeKey,
      boolean normalizedWeights,
      ExpertNames names) {
    if (config.flag("output_router_logits", false)) {
      config.problem(
          "'output_router_logits' = true is not supported: the router's auxiliary loss is not"
              + " computed; set it to false");
    }
    String key = config.has("num_local_experts") ? "num_local_experts" : "num_experts";
    int experts = config.positive(key, defaultExperts);
    if (config.positive("num_experts", experts) != experts) {
      config.problem(
          String.format(
              Locale.ROOT,
              "'num_local_experts' (%d) and 'num_experts' (%d) must agree",
              experts,
              config.positive("num_experts", experts)));
    }
    int chosen = config.positive("num_experts_per_tok");
    if (chosen > experts) {
      config.problem(
          String.format(
              Locale.ROOT,
              "'num_experts_per_tok' (%d) must not be greater than '%s' (%d)",
              chosen,
              key,
              experts));
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
