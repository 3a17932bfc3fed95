package dev.penstock.engine.inference;

import dev.penstock.engine.torch.HostTensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

/**
 * The likeliest tokens: by falling logits, and by their ids where logits are equal.
 *
 * @param ids the tokens
 * @param logits of each
 */
record Candidates(int[] ids, float[] logits) {
  /** So many likeliest of all tokens, in the caller's PointerScope. */
  static Candidates likeliest(Tensor logits_V, int count) {
    long vocabSize = logits_V.numel();
    // One more, to see whether equal logits are on both sides of the limit.
    T_TensorTensor_T top = logits_V.topk(Math.min(count + 1L, vocabSize), -1, true, true);
    float[] logits = HostTensors.toFloats(top.get0());
    int[] ids = Arrays.stream(HostTensors.toLongs(top.get1())).mapToInt(id -> (int) id).toArray();
    if (ids.length > count && logits[count] == logits[count - 1]) {
      lowestIdsAtTheLimit(logits_V, ids, logits, count);
    }
    return sorted(ids, logits, count);
  }

  private static void lowestIdsAtTheLimit(Tensor all, int[] ids, float[] logits, int count) {
    float limit = logits[count];
    int first = IntStream.range(0, count).filter(i -> logits[i] == limit).findFirst().orElseThrow();
    long[] equal = HostTensors.toLongs(all.eq(new Scalar(limit)).nonzero());
    for (int i = first; i < count; i++) {
      ids[i] = (int) equal[i - first];
    }
  }

  /** What the limit cut off is dropped; runs of equal logits get into the order of their ids. */
  private static Candidates sorted(int[] ids, float[] logits, int count) {
    int[] sorted = Arrays.copyOf(ids, count);
    int begin = 0;
    for (int end = 1; end <= count; end++) {
      if (end == count || logits[end] != logits[begin]) {
        Arrays.sort(sorted, begin, end);
        begin = end;
      }
    }
    return new Candidates(sorted, Arrays.copyOf(logits, count));
  }

  /** Each with its probability at a temperature, relative to the first one's. */
  WeightedTokens weighted(double temperature) {
    double[] weights = new double[logits.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.exp((logits[i] - logits[0]) / temperature);
    }
    return new WeightedTokens(ids, logits, weights);
  }
}
