package dev.penstock.engine.inference;

import java.util.Arrays;

/**
 * Tokens laid side by side, the likeliest first and equally likely ones by their ids, each as wide
 * as its weight. What lies where is found by partitioning as quickselect does (Hoare 1961), in a
 * time that grows with the vocabulary, where sorting it would take longer than computing the
 * logits. Used by one thread.
 */
final class WeightedTokens {
  private final int[] ids;
  private final float[] logits;
  private final double[] weights;

  /**
   * Tokens in any order; the arrays are the new object's.
   *
   * @param logits of each token, which say what is likelier
   * @param weights of each token, none below 0
   */
  WeightedTokens(int[] ids, float[] logits, double[] weights) {
    this.ids = ids;
    this.logits = logits;
    this.weights = weights;
  }

  /** Where something lies. */
  private record Place(int token, double end) {}

  /** The weight of all. */
  double width() {
    return Arrays.stream(weights).sum();
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
    int from = 0;
    int to = ids.length;
    double before = 0;
    while (true) {
      float pivot = middle(logits[from], logits[(from + to) >>> 1], logits[to - 1]);
      int equal = from;
      int less = to;
      double likelier = 0;
      double alike = 0;
      for (int i = from; i < less; ) {
        if (logits[i] > pivot) {
          likelier += weights[i];
          swap(i++, equal++);
        } else if (logits[i] < pivot) {
          swap(i, --less);
        } else {
          alike += weights[i++];
        }
      }
      if (distance < before + likelier) {
        to = equal;
      } else if (distance < before + likelier + alike || less == to) {
        return among(equal, less, before + likelier, distance);
      } else {
        before += likelier + alike;
        from = less;
      }
    }
  }

  /** Among equally likely ones. */
  private Place among(int from, int to, double begin, double distance) {
    Arrays.sort(ids, from, to);
    double weight = weights[from];
    int index = (int) Math.min((distance - begin) / weight, to - from - 1.0);
    return new Place(ids[from + index], begin + (index + 1) * weight);
  }

  private void swap(int a, int b) {
    int id = ids[a];
    ids[a] = ids[b];
    ids[b] = id;
    float logit = logits[a];
    logits[a] = logits[b];
    logits[b] = logit;
    double weight = weights[a];
    weights[a] = weights[b];
    weights[b] = weight;
  }

  private static float middle(float a, float b, float c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
