package dev.penstock.engine.split;

import java.util.List;

/**
 * The shapes that go into and come out of a stage for one microbatch, known without running it.
 *
 * @param input [microbatch, sequence] token ids on the first stage, otherwise [microbatch,
 *     sequence, hidden]
 * @param tokenInput whether the input is int64 token ids; the rest has the parameters' dtype
 * @param output [microbatch, sequence, vocabulary] logits of the stage with the head, otherwise
 *     [microbatch, sequence, hidden]
 */
public record StageTensors(List<Integer> input, boolean tokenInput, List<Integer> output) {
  public StageTensors {
    input = List.copyOf(input);
    output = List.copyOf(output);
  }

  /**
   * Computes the shapes.
   *
   * @param returnsHiddenStates whether the stage leaves the head to a loss that fuses it
   */
  public static StageTensors of(
      boolean first,
      boolean hasLmHead,
      boolean returnsHiddenStates,
      int microbatchSize,
      int seqLength,
      ModelWidths widths) {
    List<Integer> hidden = List.of(microbatchSize, seqLength, widths.hiddenSize());
    boolean logits = hasLmHead && !returnsHiddenStates;
    return new StageTensors(
        first ? List.of(microbatchSize, seqLength) : hidden,
        first,
        logits ? List.of(microbatchSize, seqLength, widths.vocabSize()) : hidden);
  }
}
