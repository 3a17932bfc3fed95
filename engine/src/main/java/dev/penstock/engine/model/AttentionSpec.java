package dev.penstock.engine.model;

/**
 * Shape of grouped-query attention.
 *
 * @param numHeads query heads
 * @param numKvHeads key and value heads; divides {@code numHeads}
 * @param headDim size of a head
 * @param scale factor of the scores, mostly {@code headDim^-0.5}
 * @param softcap scores become {@code softcap * tanh(score / softcap)}; 0: no capping
 * @param qkvBias whether the query, key and value projections have biases
 * @param outputBias whether the output projection has one
 * @param qkNorm normalisation of queries and keys
 * @param fusedQkv whether the checkpoint holds the three projections as one {@code qkv_proj}
 */
public record AttentionSpec(
    int numHeads,
    int numKvHeads,
    int headDim,
    double scale,
    double softcap,
    boolean qkvBias,
    boolean outputBias,
    QkNorm qkNorm,
    boolean fusedQkv) {}
