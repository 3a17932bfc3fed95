package dev.penstock.spark;

import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.datasets.shard.BatchReader;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * Lays the rows of a frame into partitions so that a stream of them trains in the order in which a
 * staged run did. Rows tell their number by their weight, {@code (number + 1) / rows}, which shards
 * keep.
 *
 * @param rowsPerSequence whole rows that a sequence has
 */
record SameOrder(int rowsPerSequence, int partitions, long seed) {
  static final String WEIGHT = "w";

  /** With a column of weights, the largest of them 1. */
  static Dataset<Row> numbered(Dataset<Row> frame) {
    List<Row> rows = frame.collectAsList();
    List<Row> both = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Object[] values = Arrays.copyOf(values(rows.get(i)), rows.get(i).length() + 1);
      values[values.length - 1] = (i + 1) / (double) rows.size();
      both.add(RowFactory.create(values));
    }
    return TestSpark.session().createDataFrame(both, frame.schema().add(WEIGHT, "double", false));
  }

  private static Object[] values(Row row) {
    return IntStream.range(0, row.length()).mapToObj(row::get).toArray();
  }

  /**
   * The frame for the stream.
   *
   * @param staged stagedDataPath of the staged run
   */
  Dataset<Row> frame(Dataset<Row> numbered, Path staged, int seqLength) throws IOException {
    List<Row> rows = numbered.collectAsList();
    List<Integer> order = rowsOf(staged, rows.size());
    int sequences = rows.size() / rowsPerSequence;
    int perPartition = sequences / partitions;
    Row[] laid = new Row[rows.size()];
    int at = 0;
    for (int window = 0; StreamOrder.firstShard(window) < partitions; window++) {
      int first = StreamOrder.firstShard(window) * perPartition;
      int count = StreamOrder.endShard(window, partitions) * perPartition - first;
      for (int i = 0; i < count; i++) {
        long index =
            StreamOrder.ofWindow(window, count, BlockLayout.forSeqLength(seqLength), seed)
                .indexAt(i);
        for (int part = 0; part < rowsPerSequence; part++) {
          laid[(first + (int) index) * rowsPerSequence + part] = rows.get(order.get(at++));
        }
      }
    }
    SparkSession spark = TestSpark.session();
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(Arrays.asList(laid), partitions),
        numbered.schema());
  }

  /** The numbers of the rows in the order of a staged run's first epoch. */
  private List<Integer> rowsOf(Path staged, int rows) throws IOException {
    Path set;
    try (Stream<Path> sets = Files.list(staged)) {
      set = sets.findFirst().orElseThrow();
    }
    List<Integer> numbers = new ArrayList<>();
    int sequences = rows / rowsPerSequence;
    try (BatchReader reader =
        BatchReader.open(new LocalFolder(set), seed, sequences, 0, sequences)) {
      TokenRows all = reader.read(0, 0, sequences);
      for (int sequence = 0; sequence < sequences; sequence++) {
        int at = sequence * all.seqLength();
        for (int row = 0; row < rowsPerSequence; row++) {
          numbers.add(Math.round(all.weights()[at] * rows) - 1);
          at = all.documentStarts().nextSetBit(at + 1);
        }
      }
    }
    return numbers;
  }
}
