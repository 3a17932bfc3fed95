package dev.penstock.engine.pipeline;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline step gives back on one rank.
 *
 * @param losses the loss of each microbatch in order, on the rank of the last stage; elsewhere
 *     empty
 * @param outputs the last stage's outputs of all rows, if they were asked for and this is its rank;
 *     else null; the caller closes it
 */
public record StepResult(double[] losses, @Nullable Tensor outputs) {}
