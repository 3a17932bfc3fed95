package dev.penstock.engine.model;

/** Where a decoder layer normalises. */
public enum BlockNorms {
  /** Before attention and before the feed-forward layer (Llama). */
  PRE,
  /** After attention and after the feed-forward layer (OLMo 2). */
  POST,
  /** Before and after each (Gemma 2 and 3). */
  SANDWICH
}
