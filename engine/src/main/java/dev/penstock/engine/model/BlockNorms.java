package dev.penstock.engine.model;

import java.util.List;

/** Where a decoder layer normalises. */
public enum BlockNorms {
  /** Before attention and before the feed-forward layer (Llama). */
  PRE("input_layernorm", "post_attention_layernorm"),
  /** After attention and after the feed-forward layer (OLMo 2). */
  POST("post_attention_layernorm", "post_feedforward_layernorm"),
  /** Before and after each (Gemma 2 and 3). */
  SANDWICH(
      "input_layernorm",
      "post_attention_layernorm",
      "pre_feedforward_layernorm",
      "post_feedforward_layernorm");

  private final List<String> modules;

  BlockNorms(String... modules) {
    this.modules = List.of(modules);
  }

  /** Names of a layer's norms around attention, in the order they run. */
  List<String> aroundAttention() {
    return modules.subList(0, modules.size() / 2);
  }

  /** Names of a layer's norms around the feed-forward layer, in the order they run. */
  List<String> aroundFeedForward() {
    return modules.subList(modules.size() / 2, modules.size());
  }
}
