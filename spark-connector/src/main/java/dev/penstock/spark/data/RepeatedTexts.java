package dev.penstock.spark.data;

import dev.penstock.spark.interop.SortedShuffle;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaRDD;
import org.jspecify.annotations.Nullable;

/**
 * Spreads the rows of one text over the data. Sorted by the hash of the text they would lie side by
 * side, and be packed into one sequence; so the first one stays, and each further one goes where
 * the hash with its number among them says. Which row has which number does not matter, for they
 * are sorted by all that they have.
 */
final class RepeatedTexts {
  private RepeatedTexts() {}

  /** The rows in the shards that the partitioner says, in their order within. */
  static JavaRDD<String> spread(JavaRDD<String> keys, ShardPartitioner shards) {
    JavaRDD<String> sorted = SortedShuffle.of(keys, shards);
    JavaRDD<String> further = sorted.mapPartitions(rows -> new Numbered(rows, true), true);
    return sorted
        .mapPartitions(rows -> new Numbered(rows, false), true)
        .zipPartitions(SortedShuffle.of(further, shards), Merged::new);
  }

  /** Of sorted rows either the first of each text or all further ones, these with new keys. */
  private static final class Numbered implements Iterator<String> {
    private final Iterator<String> rows;
    private final boolean wantsFurther;
    private @Nullable String first;
    private long ordinal;
    private @Nullable String next;

    Numbered(Iterator<String> rows, boolean wantsFurther) {
      this.rows = rows;
      this.wantsFurther = wantsFurther;
      advance();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public String next() {
      String row = next;
      if (row == null) {
        throw new NoSuchElementException();
      }
      advance();
      return row;
    }

    private void advance() {
      next = null;
      while (next == null && rows.hasNext()) {
        String row = rows.next();
        if (first != null && RowKey.sameText(first, row)) {
          ordinal++;
          next = wantsFurther ? RowKey.again(row, ordinal) : null;
        } else {
          first = row;
          ordinal = 0;
          next = wantsFurther ? null : row;
        }
      }
    }
  }

  /** Two sorted runs as one. */
  private static final class Merged implements Iterator<String> {
    private final List<Iterator<String>> runs;
    private final List<@Nullable String> heads = new ArrayList<>();

    Merged(Iterator<String> a, Iterator<String> b) {
      this.runs = List.of(a, b);
      runs.forEach(run -> heads.add(run.hasNext() ? run.next() : null));
    }

    @Override
    public boolean hasNext() {
      return heads.get(0) != null || heads.get(1) != null;
    }

    @Override
    public String next() {
      String a = heads.get(0);
      String b = heads.get(1);
      if (a == null && b == null) {
        throw new NoSuchElementException();
      }
      int least = b == null || (a != null && a.compareTo(b) <= 0) ? 0 : 1;
      String row = least == 0 ? a : b;
      Iterator<String> run = runs.get(least);
      heads.set(least, run.hasNext() ? run.next() : null);
      return row;
    }
  }
}
