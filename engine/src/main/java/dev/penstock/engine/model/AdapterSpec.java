package dev.penstock.engine.model;

/**
 * The low-rank adapter of one module.
 *
 * @param rank rows of A and columns of B
 * @param scale what its output is multiplied by
 */
public record AdapterSpec(int rank, double scale) {}
