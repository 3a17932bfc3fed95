package dev.penstock.spark.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;

/** Appends the mean negative log-likelihood and the token count of a text to each row. */
public final class ScoreRows implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;
  private static final int CHUNK_ROWS = 256;

  private final ModelRef model;
  private final int textIndex;
  private final int seqLength;
  private final Broadcast<SerializableConfiguration> hadoopConf;

  /**
   * @param textIndex index of the text's column
   * @param seqLength tokens of a window at most
   */
  public ScoreRows(
      ModelRef model,
      int textIndex,
      int seqLength,
      Broadcast<SerializableConfiguration> hadoopConf) {
    this.model = model;
    this.textIndex = textIndex;
    this.seqLength = seqLength;
    this.hadoopConf = hadoopConf;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new Chunks(rows);
  }

  private List<Row> score(List<Row> rows) {
    List<String> texts = new ArrayList<>();
    rows.forEach(row -> texts.add(row.isNullAt(textIndex) ? null : row.getString(textIndex)));
    List<TextScore> scores = scoreTexts(texts);
    List<Row> scored = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      scored.add(append(rows.get(i), scores.get(i)));
    }
    return scored;
  }

  private List<TextScore> scoreTexts(List<String> texts) {
    try {
      return LoadedModel.use(
          model,
          hadoopConf.value().value(),
          loaded -> new TextScorer(loaded, seqLength).score(texts));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot load the model at " + model.paths().location(), e);
    }
  }

  private static Row append(Row row, TextScore score) {
    Object[] values = new Object[row.length() + 2];
    for (int i = 0; i < row.length(); i++) {
      values[i] = row.get(i);
    }
    values[row.length()] = score.meanNll();
    values[row.length() + 1] = score.tokens();
    return RowFactory.create(values);
  }

  /** Scores the rows chunk by chunk, as they are asked for. */
  private final class Chunks implements Iterator<Row> {
    private final Iterator<Row> rows;
    private Iterator<Row> scored = Collections.emptyIterator();

    Chunks(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return scored.hasNext() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!scored.hasNext()) {
        scored = score(nextChunk()).iterator();
      }
      return scored.next();
    }

    private List<Row> nextChunk() {
      if (!rows.hasNext()) {
        throw new NoSuchElementException();
      }
      List<Row> chunk = new ArrayList<>();
      while (chunk.size() < CHUNK_ROWS && rows.hasNext()) {
        chunk.add(rows.next());
      }
      return chunk;
    }
  }
}
