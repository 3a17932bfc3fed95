package dev.penstock.spark.score;

import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.inference.Score;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scores texts with a loaded model. A text longer than a window is cut into windows that overlap by
 * one token, so that each token but the first is predicted once; windows of like length share a
 * batch.
 */
final class TextScorer {
  private static final long MAX_LOGITS = 32L << 20;

  private final LoadedModel loaded;
  private final int windowLength;
  private final int batchTokens;

  TextScorer(LoadedModel loaded, int seqLength) {
    this.loaded = loaded;
    this.windowLength = Math.min(seqLength, loaded.model().spec().maxPositions());
    this.batchTokens = (int) (MAX_LOGITS / loaded.model().spec().vocabSize());
  }

  /** Tokens, and the score of the text they are of. */
  private static final class Window {
    private final TextScore score;
    private final int[] tokens;

    Window(TextScore score, int[] tokens) {
      this.score = score;
      this.tokens = tokens;
    }
  }

  /** One score a text, in order; a null text has no tokens. */
  List<TextScore> score(List<@Nullable String> texts) {
    List<TextScore> scores = new ArrayList<>();
    List<Window> windows = new ArrayList<>();
    for (String text : texts) {
      TextScore score = new TextScore();
      scores.add(score);
      if (text != null) {
        cut(loaded.tokenizer().encode(text, SpecialTokens.INCLUDED), score, windows);
      }
    }
    windows.sort(Comparator.comparingInt(window -> window.tokens.length));
    int begin = 0;
    while (begin < windows.size()) {
      int end = batchEnd(windows, begin);
      scoreBatch(windows.subList(begin, end));
      begin = end;
    }
    return scores;
  }

  private void cut(int[] tokens, TextScore score, List<Window> windows) {
    for (int begin = 0; begin + 1 < tokens.length; begin += windowLength - 1) {
      int end = Math.min(tokens.length, begin + windowLength);
      windows.add(new Window(score, Arrays.copyOfRange(tokens, begin, end)));
    }
  }

  /** As many windows, the next one always longer or equal, as the logits have room for. */
  private int batchEnd(List<Window> windows, int begin) {
    int end = begin + 1;
    while (end < windows.size()
        && (long) (end + 1 - begin) * windows.get(end).tokens.length <= batchTokens) {
      end++;
    }
    return end;
  }

  private void scoreBatch(List<Window> batch) {
    Score[] scores =
        loaded.model().score(batch.stream().map(window -> window.tokens).toArray(int[][]::new));
    for (int i = 0; i < scores.length; i++) {
      batch.get(i).score.add(scores[i]);
    }
  }
}
