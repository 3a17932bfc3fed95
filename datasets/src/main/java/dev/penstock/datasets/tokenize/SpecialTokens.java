package dev.penstock.datasets.tokenize;

/**
 * Whether the tokenizer's special tokens take part: in encoding, those that its post-processor puts
 * around a text; in decoding, those among the ids. (Special tokens that are spelled out in a text
 * are always recognised.)
 */
public enum SpecialTokens {
  INCLUDED,
  EXCLUDED
}
