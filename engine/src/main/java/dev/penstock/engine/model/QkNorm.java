package dev.penstock.engine.model;

/** Whether queries and keys are normalised before the rotary embedding, and over what. */
public enum QkNorm {
  NONE,
  /** Over each head's dimension, with one weight of {@code headDim} (Qwen3, Gemma 3). */
  PER_HEAD,
  /** Over the whole projection, before it is cut into heads (OLMo 2). */
  PER_PROJECTION
}
