package dev.penstock.datasets.format;

import dev.penstock.datasets.DatasetException;
import java.io.Serializable;

/**
 * How a model marks the turns of a conversation. Covers the chat templates that treat all turns
 * alike; the Jinja text of a tokenizer_config.json is not interpreted.
 *
 * @param begin what comes before the first turn
 * @param turnPrefix what comes before a turn's content, {@value #ROLE} standing for its role
 * @param turnSuffix what comes after it, with the token that ends a turn
 */
public record ChatMarkup(String begin, String turnPrefix, String turnSuffix)
    implements Serializable {
  /** Stands for the role. */
  public static final String ROLE = "{role}";

  /** ChatML, as Qwen and SmolLM write it. */
  public static final ChatMarkup CHATML =
      new ChatMarkup("", "<|im_start|>{role}\n", "<|im_end|>\n");

  /** Llama 3. */
  public static final ChatMarkup LLAMA3 =
      new ChatMarkup(
          "<|begin_of_text|>", "<|start_header_id|>{role}<|end_header_id|>\n\n", "<|eot_id|>");

  public ChatMarkup {
    if (!turnPrefix.contains(ROLE)) {
      throw new DatasetException(
          "The turn prefix '%s' does not say who speaks. Put %s where the role goes."
              .formatted(turnPrefix, ROLE));
    }
  }

  String prefix(String role) {
    return turnPrefix.replace(ROLE, role);
  }
}
