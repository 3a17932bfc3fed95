package dev.penstock.spark.score;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.format.RowForm;
import dev.penstock.datasets.format.RowReader;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.engine.inference.Score;
import dev.penstock.spark.interop.BatchFunction.RowPlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores rows with a loaded model. A row longer than a window is cut into windows that overlap by
 * one token, so that each token but the first is predicted once; windows of like length share a
 * batch.
 */
final class RowScorer {
  private static final Logger log = LoggerFactory.getLogger(RowScorer.class);
  private static final long MAX_LOGITS = 32L << 20;
  private static final int EXCERPT = 120;
  private static final int MOST_NAMED = 3;

  private final LoadedModel loaded;
  private final int windowLength;
  private final int batchTokens;
  private final RowReader reader;
  private final boolean skipUnreadable;
  private final RowPlace place;
  private int unreadable;

  /**
   * A scorer.
   *
   * @param place of the first row
   */
  RowScorer(LoadedModel loaded, ScoreRows.Options options, RowPlace place) {
    this.loaded = loaded;
    this.skipUnreadable = options.skipUnreadable();
    RowForm form = options.form();
    this.reader =
        RowReader.of(
            form,
            loaded.encoder(RowReader.around(form, options.specialTokens())),
            loaded::templates);
    this.place = place;
    this.windowLength = Math.min(options.seqLength(), loaded.model().spec().maxPositions());
    this.batchTokens = (int) (MAX_LOGITS / loaded.model().spec().vocabSize());
  }

  /** Tokens with their labels, and the score of the row they are of. */
  private static final class Window {
    private final RowScore score;
    private final int[] tokens;
    private final int[] labels;

    Window(RowScore score, int[] tokens, int[] labels) {
      this.score = score;
      this.tokens = tokens;
      this.labels = labels;
    }

    boolean isCounted() {
      return Arrays.stream(labels).skip(1).anyMatch(label -> label != TokenSequence.IGNORE);
    }
  }

  /**
   * One score a row, in order; one that is null or empty has no tokens.
   *
   * @param done told of tokens as they are scored
   */
  List<RowScore> score(List<@Nullable String> rows, LongConsumer done) {
    List<RowScore> scores = new ArrayList<>();
    List<Window> windows = new ArrayList<>();
    for (String row : rows) {
      RowScore score = new RowScore();
      if (row != null && !row.isEmpty()) {
        TokenizedDocument document = read(row, scores.size());
        if (document != null) {
          cut(document, score, windows);
        }
      }
      scores.add(score);
    }
    windows.sort(Comparator.comparingInt(window -> window.tokens.length));
    TaskProgress progress =
        new TaskProgress(
            "tokens scored", windows.stream().mapToLong(w -> w.tokens.length).sum(), done);
    int begin = 0;
    while (begin < windows.size()) {
      int end = batchEnd(windows, begin);
      List<Window> batch = windows.subList(begin, end);
      scoreBatch(batch);
      progress.add(batch.stream().mapToLong(window -> window.tokens.length).sum());
      begin = end;
    }
    report(rows, scores);
    return scores;
  }

  /** Null: it cannot be read, and that is no error. */
  private @Nullable TokenizedDocument read(String row, int index) {
    try {
      return reader.read(row);
    } catch (DatasetException e) {
      DatasetException placed =
          place.equals(RowPlace.UNKNOWN)
              ? e
              : new DatasetException(
                  String.format(
                      Locale.ROOT,
                      "Row %d of partition %d (from 0) cannot be scored. %s",
                      place.row() + index,
                      place.partition(),
                      e.getMessage()));
      if (!skipUnreadable) {
        throw placed;
      }
      if (unreadable++ < MOST_NAMED) {
        log.warn("Without a score (skipUnreadableRows): {}", placed.getMessage());
      }
      return null;
    }
  }

  private void report(List<@Nullable String> rows, List<RowScore> scores) {
    int[] lost =
        IntStream.range(0, scores.size()).filter(row -> scores.get(row).isLost()).toArray();
    if (lost.length > 0) {
      log.warn(
          "The nll of {} of {} rows is no number: the model's weights or what it computes of them"
              + " overflow. The first is {}",
          lost.length,
          rows.size(),
          named(lost[0], rows.get(lost[0])));
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

  /** Windows in which nothing counts are left out. */
  private void cut(TokenizedDocument row, RowScore score, List<Window> windows) {
    for (int begin = 0; begin + 1 < row.length(); begin += windowLength - 1) {
      int end = Math.min(row.length(), begin + windowLength);
      Window window =
          new Window(
              score,
              Arrays.copyOfRange(row.ids(), begin, end),
              Arrays.copyOfRange(row.labels(), begin, end));
      if (window.isCounted()) {
        windows.add(window);
      }
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
        loaded
            .model()
            .score(
                batch.stream().map(window -> window.tokens).toArray(int[][]::new),
                batch.stream().map(window -> window.labels).toArray(int[][]::new));
    for (int i = 0; i < scores.length; i++) {
      batch.get(i).score.add(scores[i]);
    }
  }
}
