/** Frequencies of rotary position embeddings: pure arithmetic on values. */
package dev.penstock.engine.model.rope;
