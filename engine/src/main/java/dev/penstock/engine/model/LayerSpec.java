package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.model.rope.RopeSpec;
import org.jspecify.annotations.Nullable;

/**
 * What differs from one decoder layer of a model to the next.
 *
 * @param slidingWindow tokens a position may attend to, itself included; 0: all before it
 * @param rope the rotary embedding; null: none in this layer (NoPE)
 * @param feedForward shape of the feed-forward part
 */
public record LayerSpec(int slidingWindow, @Nullable RopeSpec rope, FeedForwardSpec feedForward) {
  public LayerSpec {
    requireNonNull(feedForward, "feedForward is null");
  }
}
