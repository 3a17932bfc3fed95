package dev.penstock.engine.pipeline;

import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.runtime.RankNumbers;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What the ranks tell each other before a step: the shape of the batch, which only the first
 * stage's rank knows, and whether anybody must refuse it. Either all ranks run the step or all
 * throw.
 */
final class StepAgreement {
  private static final int MAX_DIMENSIONS = 8;

  private final Transport transport;
  private final int firstRank;
  private final int lastRank;
  private final int numMicrobatches;
  private final RankNumbers numbers;

  StepAgreement(
      Transport transport, int firstRank, int lastRank, int numMicrobatches, String device) {
    this.transport = transport;
    this.firstRank = firstRank;
    this.lastRank = lastRank;
    this.numMicrobatches = numMicrobatches;
    List<Integer> all = new ArrayList<>();
    for (int rank = 0; rank < transport.size(); rank++) {
      all.add(rank);
    }
    numbers = new RankNumbers(transport, all, device);
  }

  /**
   * Agrees on a step; collective.
   *
   * @param inputs the batch on the first stage's rank
   * @param targets the targets on the last stage's rank
   * @return the shape of the batch, the same on every rank
   * @throws ConfigException on every rank, if the batch cannot be run
   */
  List<Long> agree(@Nullable Tensor inputs, @Nullable Tensor targets) {
    double[] message = new double[2 + MAX_DIMENSIONS];
    if (transport.rank() == firstRank && inputs != null) {
      long[] shape = HostTensors.shape(inputs);
      message[0] = shape.length;
      for (int i = 0; i < shape.length; i++) {
        message[2 + i] = shape[i];
      }
    }
    if (transport.rank() == lastRank) {
      message[1] = targets == null ? -1 : targets.size(0);
    }
    // Each entry is set by one rank and zero elsewhere, so the sum is everybody's knowledge.
    double[] agreed = numbers.sum(message);
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < (int) agreed[0]; i++) {
      shape.add((long) agreed[2 + i]);
    }
    check(shape, (long) agreed[1]);
    return List.copyOf(shape);
  }

  private void check(List<Long> shape, long targetRows) {
    if (shape.isEmpty()) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The rank of the first stage (rank %d) must give the inputs of the step.",
              firstRank));
    }
    if (targetRows < 0) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The rank of the last stage (rank %d) must give the targets of the step.",
              lastRank));
    }
    long rows = shape.get(0);
    if (rows < numMicrobatches) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "A batch of %d rows cannot be cut into %d microbatches. Give at least %d rows, or build the pipeline with fewer microbatches.",
              rows,
              numMicrobatches,
              numMicrobatches));
    }
    if (targetRows != rows) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The inputs have %d rows but the targets %d. Both must have the same number.",
              rows,
              targetRows));
    }
  }
}
