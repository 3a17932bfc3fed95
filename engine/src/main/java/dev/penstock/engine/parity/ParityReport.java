package dev.penstock.engine.parity;

import java.util.List;

/**
 * Worst deviations of a pipeline from the recorded numbers.
 *
 * @param logits largest absolute difference of a logit
 * @param loss relative difference of the loss
 * @param gradient largest relative difference of a parameter's gradient: largest absolute
 *     difference of an element over the largest absolute element, or difference of the norm where
 *     only that was recorded; infinite for a parameter that no rank has
 * @param worstParameter the parameter with that difference
 * @param curve largest relative difference of a training step's loss; NaN if none was recorded
 * @param gradNorms largest relative difference of a training step's gradient norm
 * @param saved largest absolute difference of what is saved of adapters after the training;
 *     infinite if it is not what peft saves, NaN if that was not recorded
 * @param losses the training losses
 * @param warnings what the user should know of the model's files, one sentence each
 */
public record ParityReport(
    double logits,
    double loss,
    double gradient,
    String worstParameter,
    double curve,
    double gradNorms,
    double saved,
    List<Double> losses,
    List<String> warnings) {}
