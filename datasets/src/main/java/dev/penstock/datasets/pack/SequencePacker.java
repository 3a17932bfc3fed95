package dev.penstock.datasets.pack;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Packs documents into sequences as they come, keeping no more than one sequence. Used by one
 * thread. After the last document comes {@link #finish}.
 */
public final class SequencePacker {
  private final PackingConfig config;
  private final SequenceSink sink;

  private int[] ids;
  private int[] labels;
  private BitSet documentStarts = new BitSet();
  private float @Nullable [] weights; // null as long as they are all 1
  private int filled;
  private boolean finished;

  private long documents;
  private long emptyDocuments;
  private long truncatedDocuments;
  private long tokens;
  private long sequences;
  private long paddingTokens;
  private long droppedTokens;

  /** A packer whose sequences go to {@code sink}, which stays the caller's. */
  public SequencePacker(PackingConfig config, SequenceSink sink) {
    this.config = requireNonNull(config, "config is null");
    this.sink = requireNonNull(sink, "sink is null");
    this.ids = new int[config.seqLength()];
    this.labels = new int[config.seqLength()];
  }

  /** Takes the next document. */
  public void add(TokenizedDocument document) throws IOException {
    if (finished) {
      throw new IllegalStateException("a document came after finish()");
    }
    documents++;
    if (document.length() == 0) {
      emptyDocuments++;
      return;
    }
    TokenizedDocument ended = withEnd(document);
    tokens += ended.length();
    TokenizedDocument kept = config.fit() == DocumentFit.SPLIT ? ended : truncated(ended);
    if (mustBeginSequence(kept.length())) {
      padAndEmit();
    }
    documentStarts.set(filled);
    copy(kept);
  }

  /** Settles the last sequence. */
  public void finish() throws IOException {
    finished = true;
    if (config.remainder() == Remainder.PAD) {
      padAndEmit();
    } else {
      droppedTokens += filled;
      filled = 0;
    }
  }

  /** What became of the documents so far; complete after {@link #finish}. */
  public PackingStats stats() {
    return new PackingStats(
        documents,
        emptyDocuments,
        truncatedDocuments,
        tokens,
        sequences,
        paddingTokens,
        droppedTokens);
  }

  private boolean mustBeginSequence(int length) {
    return switch (config.fit()) {
      case SPLIT -> false;
      case WHOLE -> filled + length > config.seqLength();
      case SINGLE -> true;
    };
  }

  private TokenizedDocument withEnd(TokenizedDocument document) {
    int length = document.length();
    Integer end = config.endOfDocumentId();
    if (end == null || document.ids()[length - 1] == end) {
      return document;
    }
    int[] endedIds = Arrays.copyOf(document.ids(), length + 1);
    int[] endedLabels = Arrays.copyOf(document.labels(), length + 1);
    endedIds[length] = end;
    endedLabels[length] = end;
    return new TokenizedDocument(endedIds, endedLabels).withWeight(document.weight());
  }

  private TokenizedDocument truncated(TokenizedDocument document) {
    int excess = document.length() - config.seqLength();
    if (excess <= 0) {
      return document;
    }
    if (config.truncation() == Truncation.ERROR) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "A row has %d tokens, more than seqLength %d. Raise seqLength, or set truncation to right or left.",
              document.length(),
              config.seqLength()));
    }
    truncatedDocuments++;
    droppedTokens += excess;
    int begin = config.truncation() == Truncation.LEFT ? excess : 0;
    int end = begin + config.seqLength();
    return new TokenizedDocument(
            Arrays.copyOfRange(document.ids(), begin, end),
            Arrays.copyOfRange(document.labels(), begin, end))
        .withWeight(document.weight());
  }

  private void copy(TokenizedDocument document) throws IOException {
    int copied = 0;
    while (copied < document.length()) {
      int count = Math.min(document.length() - copied, config.seqLength() - filled);
      System.arraycopy(document.ids(), copied, ids, filled, count);
      System.arraycopy(document.labels(), copied, labels, filled, count);
      weigh(count, document.weight());
      copied += count;
      filled += count;
      if (filled == config.seqLength()) {
        emit();
      }
    }
  }

  private void weigh(int count, float weight) {
    if (weights == null && weight != 1) {
      weights = new float[config.seqLength()];
      Arrays.fill(weights, 1);
    }
    if (weights != null) {
      Arrays.fill(weights, filled, filled + count, weight);
    }
  }

  private void padAndEmit() throws IOException {
    if (filled == 0) {
      return;
    }
    documentStarts.set(filled);
    paddingTokens += config.seqLength() - filled;
    Arrays.fill(ids, filled, config.seqLength(), config.paddingId());
    Arrays.fill(labels, filled, config.seqLength(), TokenSequence.IGNORE);
    emit();
  }

  private void emit() throws IOException {
    TokenSequence sequence = new TokenSequence(ids, labels, documentStarts, weights);
    ids = new int[config.seqLength()];
    labels = new int[config.seqLength()];
    documentStarts = new BitSet();
    weights = null;
    filled = 0;
    sequences++;
    sink.accept(sequence);
  }
}
