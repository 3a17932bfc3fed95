package dev.penstock.spark;

import dev.penstock.datasets.Sha256;
import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.order.SequenceOrder;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.engine.train.MicrobatchSource;
import dev.penstock.engine.train.TokenBatch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What ingesting is to come to for a few texts: in the order of their hashes, one behind the other,
 * cut into rows of {@link TestModels#SEQ_LENGTH}, which come in the order of {@link
 * TestModels#trainer}'s seed.
 */
final class PackedByHand implements MicrobatchSource {
  private static final int LENGTH = TestModels.SEQ_LENGTH;

  private final int[] ids;
  private final int[] labels;
  private final float[] weights;

  private PackedByHand(int[] ids, int[] labels, float[] weights) {
    this.ids = ids;
    this.labels = labels;
    this.weights = weights;
  }

  static PackedByHand of(List<String> texts, ToDoubleFunction<String> weightOf) {
    try (TextTokenizer tokenizer = TextTokenizer.open(TestingData.tokenizer())) {
      int[] ids = new int[0];
      float[] weights = new float[0];
      for (String text : texts.stream().sorted(Comparator.comparing(PackedByHand::hash)).toList()) {
        int begin = ids.length;
        int[] encoded = tokenizer.encode(text, SpecialTokens.INCLUDED);
        ids = Arrays.copyOf(ids, begin + encoded.length + 1);
        System.arraycopy(encoded, 0, ids, begin, encoded.length);
        ids[ids.length - 1] = TestingData.EOT;
        weights = Arrays.copyOf(weights, ids.length);
        Arrays.fill(weights, begin, weights.length, (float) weightOf.applyAsDouble(text));
      }
      int padded = (ids.length + LENGTH - 1) / LENGTH * LENGTH;
      int[] labels = Arrays.copyOf(ids, padded);
      Arrays.fill(labels, ids.length, padded, TokenBatch.IGNORE);
      return new PackedByHand(Arrays.copyOf(ids, padded), labels, Arrays.copyOf(weights, padded));
    }
  }

  private static String hash(String text) {
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public TokenBatch read(long step, int firstRow, int numRows) {
    SequenceOrder order =
        new SequenceOrder(numRows(), BlockLayout.forSeqLength(LENGTH), TestModels.SEED);
    int[] rowIds = new int[numRows * LENGTH];
    int[] rowLabels = new int[rowIds.length];
    float[] rowWeights = new float[rowIds.length];
    for (int row = 0; row < numRows; row++) {
      int from = LENGTH * (int) order.indexAt(step * TestModels.GLOBAL_BATCH_SIZE + firstRow + row);
      System.arraycopy(ids, from, rowIds, row * LENGTH, LENGTH);
      System.arraycopy(labels, from, rowLabels, row * LENGTH, LENGTH);
      System.arraycopy(weights, from, rowWeights, row * LENGTH, LENGTH);
    }
    return new TokenBatch(numRows, LENGTH, rowIds, rowLabels, rowWeights);
  }

  @Override
  public long numRows() {
    return ids.length / LENGTH;
  }

  @Override
  public boolean weighted() {
    return true;
  }

  @Override
  public void close() {}
}
