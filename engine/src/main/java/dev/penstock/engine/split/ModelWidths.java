package dev.penstock.engine.split;

import dev.penstock.engine.config.ConfigException;
import java.util.Map;

/**
 * The two sizes that the tensors between stages depend on.
 *
 * @param hiddenSize width of the hidden states
 * @param vocabSize width of the logits
 */
public record ModelWidths(int hiddenSize, int vocabSize) {
  /**
   * Reads them from a model's configuration, or where it lacks one from its {@code text_config}.
   *
   * @param config the keys of {@code config.json}
   * @param configName what messages call the configuration
   */
  public static ModelWidths of(Map<String, ?> config, String configName) {
    return new ModelWidths(
        find(config, "hidden_size", configName), find(config, "vocab_size", configName));
  }

  private static int find(Map<String, ?> config, String key, String configName) {
    if (config.get(key) instanceof Number number) {
      return number.intValue();
    }
    if (config.get("text_config") instanceof Map<?, ?> text
        && text.get(key) instanceof Number number) {
      return number.intValue();
    }
    throw new ConfigException(
        "Cannot determine %1$s from %2$s. Expected either model_config.%1$s or"
                .formatted(key, configName)
            + " model_config.text_config.%s.".formatted(key));
  }
}
