package dev.penstock.engine.model;

import org.jspecify.annotations.Nullable;

/**
 * What differs from one decoder layer of a model to the next.
 *
 * @param slidingWindow tokens a position may attend to, itself included; 0: all before it
 * @param rope the rotary embedding; null: none in this layer (NoPE)
 */
public record LayerSpec(int slidingWindow, @Nullable RopeSpec rope) {}
