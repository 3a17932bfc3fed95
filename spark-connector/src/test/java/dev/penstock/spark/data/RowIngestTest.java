package dev.penstock.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RowIngestTest {
  @TempDir Path folder;

  private TestIngest ingest;

  @BeforeEach
  void makeStaging() {
    ingest = new TestIngest(folder);
  }

  @Test
  void partitionsAndRowOrderChangeNothing() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int copy = 0; copy < 25; copy++) {
      for (String verse : TestingData.verses()) {
        texts.add(copy % 5 == 0 ? verse : verse + " " + copy); // some of them twice
      }
    }
    IngestedData first = ingest("a", frame(texts, 1), false);
    Collections.shuffle(texts, new Random(7));
    IngestedData second = ingest("b", frame(texts, 5), false);

    assertThat(first.shards()).isEqualTo(2);
    assertThat(second).isEqualTo(first);
    assertThat(ingest.read("b").ids()).isEqualTo(ingest.read("a").ids());
  }

  @Test
  void copiesOfARowAreSpread() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int copy = 0; copy < 25; copy++) {
      texts.addAll(TestingData.verses());
    }
    ingest("a", frame(texts, 3), false);
    List<List<Integer>> documents = documents(ingest.read("a"));
    int equal = 0;
    for (int i = 1; i < documents.size(); i++) {
      equal += documents.get(i).equals(documents.get(i - 1)) ? 1 : 0;
    }
    // By chance 24 of 4,999 pairs in a hundred.
    assertThat(documents).hasSizeGreaterThan(2500);
    assertThat(equal).isLessThan(60);
    Collections.shuffle(texts, new Random(7));
    ingest("b", frame(texts, 4), false);
    assertThat(ingest.read("b").ids()).isEqualTo(ingest.read("a").ids());
  }

  /** The documents that begin and end within a sequence, in the order of the sequences. */
  private static List<List<Integer>> documents(TokenRows rows) {
    List<List<Integer>> documents = new ArrayList<>();
    for (int row = 0; row < rows.rows(); row++) {
      int end = (row + 1) * rows.seqLength();
      int start = rows.documentStarts().nextSetBit(row * rows.seqLength());
      while (start >= 0 && start < end) {
        int next = rows.documentStarts().nextSetBit(start + 1);
        if (next >= 0 && next < end) {
          documents.add(Arrays.stream(rows.ids(), start, next).boxed().toList());
        }
        start = next;
      }
    }
    return documents;
  }

  @Test
  void everyTokenIsAccountedFor() throws IOException {
    IngestedData ingested = ingest("a", frame(TestingData.verses(), 3), false);
    assertThat(ingested.rows()).isEqualTo(new RowCounts(200, 0, 0, 0, 0, 0));
    assertThat(ingested.packing().documents()).isEqualTo(200);
    assertThat(ingested.packing().droppedTokens()).isZero();
    assertThat(ingested.packing().sequences() * TestIngest.SEQ_LENGTH)
        .isEqualTo(ingested.packing().tokens() + ingested.packing().paddingTokens());
    assertThat(ingest.manifest("a").stats()).isEqualTo(ingested.packing());
  }

  @Test
  void emptyTextsAreCountedAndNullsAnError() throws IOException {
    Dataset<Row> texts = frame(Arrays.asList("In the beginning", "", null, "God created"), 2);
    assertThatThrownBy(() -> ingest("a", texts, false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Column 'text' (inputCol) is null in 1 of 4 rows")
        .hasMessageContaining("handleInvalid");
    assertThat(folder.resolve("a")).doesNotExist();

    assertThat(ingest("b", texts, true).rows()).isEqualTo(new RowCounts(4, 1, 1, 0, 0, 0));
  }

  @Test
  void noTextAtAllIsAnError() {
    assertThatThrownBy(() -> ingest("a", frame(List.of("", ""), 1), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no text in any of 2 rows");
  }

  @Test
  void rowThatCannotBeComputedNamesItsCause() {
    Dataset<Row> texts =
        frame(List.of("good", "bad"), 1)
            .as(Encoders.STRING())
            .map(
                (MapFunction<String, String>)
                    text -> {
                      if (text.equals("bad")) {
                        throw new IllegalStateException("no such text: " + text);
                      }
                      return text;
                    },
                Encoders.STRING())
            .toDF("text");
    assertThatThrownBy(() -> ingest("a", texts, false))
        .isInstanceOf(SparkException.class)
        .hasStackTraceContaining("no such text: bad");
  }

  @Test
  void shardsFollowFromTheNumberOfRows() {
    assertThat(RowOrder.numShards(1)).isEqualTo(1);
    assertThat(RowOrder.numShards(4096)).isEqualTo(1);
    assertThat(RowOrder.numShards(4097)).isEqualTo(2);
    assertThat(RowOrder.numShards(Long.MAX_VALUE / 2)).isEqualTo(4096);
  }

  @Test
  void columnNameMayHaveDotsAndBackticks() throws IOException {
    Dataset<Row> texts = frame(List.of("In the beginning"), 1).toDF("a.b`c");
    RowSource columns = TestIngest.source(texts, "a.b`c", null);
    assertThat(ingest.ingest("a", texts, columns, false).rows().rows()).isEqualTo(1);
  }

  private static Dataset<Row> frame(List<String> texts, int partitions) {
    return TestSpark.texts(texts.toArray(String[]::new)).repartition(partitions);
  }

  private IngestedData ingest(String name, Dataset<Row> texts, boolean skipNulls)
      throws IOException {
    return ingest.ingest(name, texts, (String) null, skipNulls);
  }
}
