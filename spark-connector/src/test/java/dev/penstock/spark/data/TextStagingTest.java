package dev.penstock.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.shard.BatchReader;
import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.datasets.shard.TokenRows;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.TestSpark;
import dev.penstock.spark.fs.HadoopShardStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TextStagingTest {
  private static final int SEQ_LENGTH = 64;

  @TempDir Path folder;

  @Test
  void partitionsAndRowOrderChangeNothing() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int copy = 0; copy < 25; copy++) {
      for (String verse : TestingData.verses()) {
        texts.add(copy % 5 == 0 ? verse : verse + " " + copy); // some of them twice
      }
    }
    StagedData first = stage("a", frame(texts, 1), false);
    Collections.shuffle(texts, new Random(7));
    StagedData second = stage("b", frame(texts, 5), false);

    assertThat(first.shards()).isEqualTo(2);
    assertThat(second).isEqualTo(first);
    assertThat(read("b")).isEqualTo(read("a"));
  }

  @Test
  void everyTokenIsAccountedFor() throws IOException {
    StagedData staged = stage("a", frame(TestingData.verses(), 3), false);
    assertThat(staged.rows()).isEqualTo(new RowCounts(200, 0, 0));
    assertThat(staged.packing().documents()).isEqualTo(200);
    assertThat(staged.packing().droppedTokens()).isZero();
    assertThat(staged.packing().sequences() * SEQ_LENGTH)
        .isEqualTo(staged.packing().tokens() + staged.packing().paddingTokens());
    assertThat(manifest("a").stats()).isEqualTo(staged.packing());
  }

  @Test
  void emptyTextsAreCountedAndNullsAnError() throws IOException {
    Dataset<Row> texts = frame(Arrays.asList("In the beginning", "", null, "God created"), 2);
    assertThatThrownBy(() -> stage("a", texts, false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Column 'text' (inputCol) is null in 1 of 4 rows")
        .hasMessageContaining("handleInvalid");
    assertThat(folder.resolve("a")).doesNotExist();

    assertThat(stage("b", texts, true).rows()).isEqualTo(new RowCounts(4, 1, 1));
  }

  @Test
  void noTextAtAllIsAnError() {
    assertThatThrownBy(() -> stage("a", frame(List.of("", ""), 1), false))
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
    assertThatThrownBy(() -> stage("a", texts, false))
        .isInstanceOf(SparkException.class)
        .hasStackTraceContaining("no such text: bad");
  }

  @Test
  void shardsFollowFromTheNumberOfRows() {
    assertThat(ShardPartitioner.numShards(1)).isEqualTo(1);
    assertThat(ShardPartitioner.numShards(4096)).isEqualTo(1);
    assertThat(ShardPartitioner.numShards(4097)).isEqualTo(2);
    assertThat(ShardPartitioner.numShards(Long.MAX_VALUE / 2)).isEqualTo(4096);
  }

  @Test
  void columnNameMayHaveDotsAndBackticks() throws IOException {
    Dataset<Row> texts = frame(List.of("In the beginning"), 1).toDF("a.b`c");
    StagingSpec spec = spec("a", "a.b`c", false);
    try (TextRows rows = TextRows.of(texts, "a.b`c", null)) {
      assertThat(new TextStaging(spec).stage(rows.training()).rows().rows()).isEqualTo(1);
    }
  }

  private static Dataset<Row> frame(List<String> texts, int partitions) {
    return TestSpark.texts(texts.toArray(String[]::new)).repartition(partitions);
  }

  private StagedData stage(String name, Dataset<Row> texts, boolean skipNulls) throws IOException {
    try (TextRows rows = TextRows.of(texts, "text", null)) {
      return new TextStaging(spec(name, "text", skipNulls)).stage(rows.training());
    }
  }

  private StagingSpec spec(String name, String column, boolean skipNulls) {
    return new StagingSpec(
        column,
        "rows",
        skipNulls,
        TestingData.tokenizer(),
        PackingConfig.of(SEQ_LENGTH, TestingData.EOT),
        TestingData.VOCAB_SIZE,
        uri(name));
  }

  private String uri(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private ShardManifest manifest(String name) throws IOException {
    return ShardManifest.read(HadoopShardStore.of(uri(name), new Configuration()));
  }

  /** The ids of all rows of a first epoch, in order. */
  private List<Integer> read(String name) throws IOException {
    assertThat(Files.exists(folder.resolve(name))).isTrue();
    int sequences = (int) manifest(name).numSequences();
    try (BatchReader reader =
        BatchReader.open(HadoopShardStore.of(uri(name), new Configuration()), 7, sequences)) {
      TokenRows rows = reader.read(0, 0, sequences);
      return Arrays.stream(rows.ids()).boxed().toList();
    }
  }
}
