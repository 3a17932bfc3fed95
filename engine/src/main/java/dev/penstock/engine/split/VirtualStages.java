package dev.penstock.engine.split;

/**
 * How many stages a model is cut into.
 *
 * @param numStages stages over all ranks
 * @param stagesPerRank stages of each rank
 */
public record VirtualStages(int numStages, int stagesPerRank) {}
