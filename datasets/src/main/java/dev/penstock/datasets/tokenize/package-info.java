/** Text to token ids and back, with the tokenizer files of a Hugging Face model. */
package dev.penstock.datasets.tokenize;
