package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row a sequence: the losses are those that transformers computes with an attention mask. */
@Timeout(300)
class PackingNoneTest {
  private static final Path ROWS = Path.of("src/test/resources/rows");
  private static final Path MODEL = Path.of("src/test/resources/models/generation");

  /** What transformers computes in float32 on another machine. */
  private static final Offset<Double> ROUNDING = Offset.offset(2e-5);

  private static JsonNode recorded;
  private static Dataset<Row> rows;

  @TempDir Path folder;

  @BeforeAll
  static void read() throws IOException {
    recorded = new ObjectMapper().readTree(ROWS.resolve("padded.json").toFile());
    List<String> lines = new ArrayList<>();
    recorded.get("rows").forEach(row -> lines.add(row.toString()));
    rows =
        TestSpark.session()
            .read()
            .json(TestSpark.session().createDataset(lines, Encoders.STRING()))
            .select("prompt", "completion");
  }

  private CausalLMTrainer trainer() {
    return new CausalLMTrainer()
        .setModelPath(MODEL.toUri().toString())
        .setOutputPath(folder.resolve("model").toUri().toString())
        .setPromptCol("prompt")
        .setCompletionCol("completion")
        .setPacking("none")
        .setSeqLength(64)
        .setPpSize(2)
        .setPpMicrobatchSize(2)
        .setGlobalBatchSize((int) rows.count())
        .setOptimizer("sgd")
        .setLearningRate(0.5)
        .setWeightDecay(0)
        .setMaxGradNorm(0)
        .setLrDecayStyle("constant")
        .setLrWarmupSteps(0)
        .setMaxSteps(recorded.get("losses").size());
  }

  private static double[] losses(String name) {
    return StreamSupport.stream(recorded.get(name).spliterator(), false)
        .mapToDouble(JsonNode::doubleValue)
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 56", "2, 16, 64", "2, 60, 60"})
  void lossesAreThoseOfTransformers(int ppSize, int multiple, int width) {
    TrainingSummary summary =
        trainer().setPpSize(ppSize).setPadToMultipleOf(multiple).fit(rows).summary();
    assertThat(summary.objectiveHistory()).containsExactly(losses("losses"), ROUNDING);
    assertThat(summary.numSequences()).isEqualTo(rows.count());
    assertThat(summary.numTruncatedRows()).isZero();
    assertThat(summary.tokensSeen()).isEqualTo(summary.totalIterations() * rows.count() * width);
  }

  @Test
  void replicasPadTheirOwnRows() {
    TrainingSummary summary =
        trainer().setPpSize(1).setDpSize(2).setPpMicrobatchSize(1).fit(rows).summary();
    assertThat(summary.objectiveHistory()).containsExactly(losses("losses"), ROUNDING);
    assertThat(summary.tokensSeen())
        .isLessThan(summary.totalIterations() * rows.count() * recorded.get("longest").asInt());
  }

  @ParameterizedTest
  @CsvSource({"right, losses_right_24", "left, losses_left_24"})
  void rowsThatAreTooLongAreCutAndCounted(String truncation, String expected) {
    TrainingSummary summary =
        trainer().setSeqLength(24).setTruncation(truncation).fit(rows).summary();
    assertThat(summary.objectiveHistory()).containsExactly(losses(expected), ROUNDING);
    assertThat(summary.numTruncatedRows()).isEqualTo(3);
    assertThat(summary.toJson()).contains("\"numTruncatedRows\"");
  }

  @Test
  void rowsThatAreTooLongAreRefusedElse() {
    assertThatThrownBy(() -> trainer().setSeqLength(24).fit(rows))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tokens, more than seqLength 24")
        .hasMessageContaining("truncation");
    assertThatThrownBy(() -> trainer().setPacking("packed").setTruncation("left").fit(rows))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("truncation is left, but packing is not none");
  }

  @Test
  void scoresAreThoseOfTransformers() {
    CausalLMModel model =
        CausalLMModel.ofFolder(MODEL.toUri().toString())
            .setPromptCol("prompt")
            .setCompletionCol("completion");
    List<Row> scored = model.transform(rows).collectAsList();
    for (int i = 0; i < scored.size(); i++) {
      JsonNode expected = recorded.get("scores").get(i);
      assertThat(scored.get(i).<Double>getAs("nll"))
          .isCloseTo(expected.get("nll").asDouble(), ROUNDING);
      assertThat(scored.get(i).<Integer>getAs("numTokens"))
          .isEqualTo(expected.get("tokens").asInt());
    }
  }
}
