package dev.penstock.datasets.format;

/** How a prompt and its completion become tokens. */
public enum PromptEncoding {
  /** As one text. */
  JOINED,
  /**
   * Each by itself, with the tokenizer's special tokens around it; where they meet, those that
   * would stand between them are left out.
   */
  SEPARATE
}
