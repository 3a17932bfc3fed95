package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.datasets.TestingData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fits whose rows are tokenized while they train. */
@Timeout(300)
class StreamFitTest {
  private static final int PARTITIONS = 10;

  @TempDir Path folder;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void startSpark() {
    TestSpark.session();
  }

  private CausalLMTrainer trainer(String output) {
    return TestModels.trainer(folder)
        .setDataMode("stream")
        .setStreamAhead(2)
        .setLrWarmupSteps(1)
        .setLrDecaySteps(100)
        .setProgressLines(lines::add)
        .setOutputPath(folder.resolve(output).toUri().toString());
  }

  private static Dataset<Row> verses() {
    return TestModels.verses().repartition(PARTITIONS);
  }

  @Test
  void runRepeatsToTheBitAndEndsWithItsRows() {
    CausalLMTrainer trainer = trainer("one").setNumEpochs(1);
    trainer.clear(trainer.maxSteps());
    TrainingSummary first = trainer.fit(verses()).summary();
    assertThat(first.objectiveHistory()).hasSizeGreaterThan(10);
    assertThat(first.numRows()).isEqualTo(TestingData.verses().size());
    TrainingSummary second =
        trainer.setOutputPath(folder.resolve("two").toUri().toString()).fit(verses()).summary();
    assertThat(second.objectiveHistory()).containsExactly(first.objectiveHistory());
  }
}
