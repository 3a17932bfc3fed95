package dev.penstock.spark.score;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import dev.penstock.engine.inference.Score;
import dev.penstock.spark.interop.BatchFunction.RowPlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores texts with a loaded model. A text longer than a window is cut into windows that overlap by
 * one token, so that each token but the first is predicted once; windows of like length share a
 * batch.
 */
final class TextScorer {
  private static final Logger log = LoggerFactory.getLogger(TextScorer.class);
  private static final long MAX_LOGITS = 32L << 20;
  private static final int EXCERPT = 120;

  private final LoadedModel loaded;
  private final int windowLength;
  private final int batchTokens;
  private final TextEncoder encoder;
  private final RowPlace place;

  /**
   * A scorer.
   *
   * @param seqLength tokens of a window at most
   * @param specialTokens whether the tokenizer puts its own around a text
   * @param place of the first text
   */
  TextScorer(LoadedModel loaded, int seqLength, SpecialTokens specialTokens, RowPlace place) {
    this.loaded = loaded;
    this.encoder = loaded.encoder(specialTokens);
    this.place = place;
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
      if (text != null) {
        cut(encode(text, scores.size()), score, windows);
      }
      scores.add(score);
    }
    windows.sort(Comparator.comparingInt(window -> window.tokens.length));
    int begin = 0;
    while (begin < windows.size()) {
      int end = batchEnd(windows, begin);
      scoreBatch(windows.subList(begin, end));
      begin = end;
    }
    report(texts, scores);
    return scores;
  }

  private int[] encode(String text, int index) {
    try {
      return encoder.encode(text);
    } catch (DatasetException e) {
      throw place.equals(RowPlace.UNKNOWN)
          ? e
          : new DatasetException(
              String.format(
                  Locale.ROOT,
                  "Row %d of partition %d (from 0) cannot be scored. %s",
                  place.row() + index,
                  place.partition(),
                  e.getMessage()));
    }
  }

  private void report(List<@Nullable String> texts, List<TextScore> scores) {
    int[] lost =
        IntStream.range(0, scores.size()).filter(row -> scores.get(row).isLost()).toArray();
    if (lost.length > 0) {
      log.warn(
          "The nll of {} of {} texts is no number: the model's weights or what it computes of them"
              + " overflow. The first is {}",
          lost.length,
          texts.size(),
          named(lost[0], texts.get(lost[0])));
    }
  }

  private String named(int index, String text) {
    String excerpt = text.length() <= EXCERPT ? text : text.substring(0, EXCERPT) + "...";
    return place.equals(RowPlace.UNKNOWN)
        ? "the text '%s'".formatted(excerpt)
        : String.format(
            Locale.ROOT,
            "row %d of partition %d (from 0), the text '%s'",
            place.row() + index,
            place.partition(),
            excerpt);
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
