package dev.penstock.engine.model;

/** The activation functions of the supported feed-forward layers, by their Hugging Face names. */
public enum Activation {
  SILU,
  GELU,
  GELU_TANH,
  RELU
}
