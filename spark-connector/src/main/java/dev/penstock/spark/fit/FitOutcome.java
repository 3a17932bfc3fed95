package dev.penstock.spark.fit;

import dev.penstock.spark.data.IngestedData;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What a fit leaves.
 *
 * @param modelPath the model folder
 * @param history what the ranks reported
 * @param stageTable the stages, drawn
 * @param memoryTable the memory of the ranks, drawn
 * @param data what became of the rows
 * @param phaseSeconds where the time went
 * @param warnings what the user should know of the model it started from, one sentence each
 */
public record FitOutcome(
    String modelPath,
    TrainingHistory history,
    String stageTable,
    String memoryTable,
    IngestedData data,
    Map<String, Double> phaseSeconds,
    List<String> warnings)
    implements Serializable {}
