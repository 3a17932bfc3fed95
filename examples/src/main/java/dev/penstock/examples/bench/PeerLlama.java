package dev.penstock.examples.bench;

import java.util.Locale;

/** The model that the peer's script makes. */
final class PeerLlama {
  private PeerLlama() {}

  /** Its config.json. */
  static String config(BenchShape shape) {
    int heads = shape.heads == 0 ? shape.hidden / 64 : shape.heads;
    return String.format(
        Locale.ROOT,
        """
        {"model_type": "llama", "hidden_size": %d, "num_hidden_layers": %d,
         "num_attention_heads": %d, "num_key_value_heads": %d, "intermediate_size": %d,
         "vocab_size": %d, "max_position_embeddings": %d, "rms_norm_eps": 1e-6,
         "tie_word_embeddings": %s}
        """,
        shape.hidden,
        shape.layers,
        heads,
        shape.kvHeads == 0 ? Math.max(1, heads / 2) : shape.kvHeads,
        shape.intermediate == 0 ? shape.hidden * 11 / 4 : shape.intermediate,
        shape.vocab,
        shape.seq,
        shape.tied);
  }
}
