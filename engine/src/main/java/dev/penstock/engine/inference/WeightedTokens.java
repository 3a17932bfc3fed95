package dev.penstock.engine.inference;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Tokens laid side by side, the likeliest first and equally likely ones by their ids, each as wide
 * as its weight. What lies where is found by a histogram over their logits, and another one over
 * the bucket that it lies in (as radix select does), in a time that grows with the vocabulary,
 * where sorting it would take longer than computing the logits. Used by one thread.
 */
final class WeightedTokens {
  private static final int BUCKETS = 4096;

  private final int[] ids;
  private final float[] logits;
  private final double[] weights;
  private final Histogram all;

  /**
   * Tokens in any order; the arrays are the new object's.
   *
   * @param logits of each token, which say what is likelier; none is NaN
   * @param weights of each token, none below 0, equal ones for equal logits
   */
  WeightedTokens(int[] ids, float[] logits, double[] weights) {
    this.ids = ids;
    this.logits = logits;
    this.weights = weights;
    all = new Histogram(IntStream.range(0, ids.length).toArray());
  }

  /** Where something lies. */
  private record Place(int token, double end) {}

  /** The weight of all. */
  double width() {
    return Arrays.stream(all.widths).sum();
  }

  /** The weight of the fewest of the likeliest that reach so much together. */
  double widthOfLikeliest(double reached) {
    return find(Math.nextDown(reached)).end();
  }

  /** The token that lies at a distance from the beginning, below {@link #width}. */
  int at(double distance) {
    return find(distance).token();
  }

  private Place find(double distance) {
    double before = 0;
    Histogram histogram = all;
    while (histogram.largest > histogram.smallest) {
      int bucket = 0;
      int last = histogram.lastFilled();
      while (bucket < last && before + histogram.widths[bucket] <= distance) {
        before += histogram.widths[bucket++];
      }
      histogram = new Histogram(histogram.tokensOf(bucket));
    }
    return among(histogram.tokens, before, distance);
  }

  /** Among equally likely ones. */
  private Place among(int[] equal, double begin, double distance) {
    int[] inOrder = Arrays.stream(equal).map(i -> ids[i]).sorted().toArray();
    double weight = weights[equal[0]];
    int index = (int) Math.min((distance - begin) / weight, inOrder.length - 1.0);
    return new Place(inOrder[index], begin + (index + 1) * weight);
  }

  /** The weight of some tokens by their logits, from the largest logit to the smallest. */
  private final class Histogram {
    /** Places in the arrays. */
    final int[] tokens;

    final double largest;
    final double smallest;
    private final double bucketsPerLogit;
    final double[] widths = new double[BUCKETS];

    Histogram(int[] tokens) {
      this.tokens = tokens;
      float most = Float.NEGATIVE_INFINITY;
      float least = Float.POSITIVE_INFINITY;
      for (int token : tokens) {
        most = Math.max(most, logits[token]);
        least = Math.min(least, logits[token]);
      }
      largest = finite(most);
      smallest = finite(least);
      bucketsPerLogit = largest == smallest ? 0 : (BUCKETS - 1) / (largest - smallest);
      for (int token : tokens) {
        widths[bucketOf(token)] += weights[token];
      }
    }

    /** The largest logit lies in the first bucket and the smallest in the last one. */
    private int bucketOf(int token) {
      return (int) ((largest - finite(logits[token])) * bucketsPerLogit);
    }

    int lastFilled() {
      int last = BUCKETS - 1;
      while (widths[last] == 0 && last > 0) {
        last--;
      }
      return last;
    }

    int[] tokensOf(int bucket) {
      return Arrays.stream(tokens).filter(token -> bucketOf(token) == bucket).toArray();
    }
  }

  /** What a model forbids has minus infinity, of which no range has a part. */
  private static double finite(float logit) {
    return Math.max(logit, -Float.MAX_VALUE);
  }
}
