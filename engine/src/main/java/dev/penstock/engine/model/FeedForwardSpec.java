package dev.penstock.engine.model;

/** Shape of a layer's feed-forward part: one for every token, or experts that a router chooses. */
public sealed interface FeedForwardSpec permits MlpSpec, MoeSpec {}
