package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream gives the losses of a staged run over the same order, to the bit. */
@Timeout(300)
class StreamOrderFitTest {
  private static final int PARTITIONS = 6;
  private static final String TEMPLATE =
      "{% for m in messages %}{{ m.role }}: {% generation %}{{ m.content }}{% endgeneration %}\n"
          + "{% endfor %}";

  @TempDir Path folder;

  /**
   * Rows of a kind.
   *
   * @param frame their columns, of texts and words
   * @param rowsPerSequence more than 1: they are packed
   */
  private record Kind(
      String name, List<String> frame, int rowsPerSequence, UnaryOperator<CausalLMTrainer> set) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Kind> kinds() {
    String ids = "transform(array_repeat(0, 8), (x, i) -> cast(id * 8 + i + 10 as int)) ids";
    return Stream.of(
        new Kind("texts", List.of("text"), 1, trainer -> trainer.setPacking("none")),
        new Kind(
            "conversations",
            List.of(
                "array(named_struct('role', 'user', 'content', words[0]),"
                    + " named_struct('role', 'assistant', 'content', text)) chat"),
            1,
            trainer -> trainer.setPacking("none").setMessagesCol("chat").setChatTemplate(TEMPLATE)),
        new Kind(
            "prompts and completions",
            List.of("concat(words[0], ' ') p", "text c"),
            1,
            trainer -> trainer.setPacking("none").setPromptCol("p").setCompletionCol("c")),
        new Kind(
            "tokens with labels",
            List.of(
                ids,
                "transform(array_repeat(0, 8), (x, i) -> if(i % 3 = 0, -100, cast(id * 8 + i + 10 as int))) labels"),
            1,
            trainer -> trainer.setPacking("none").setTokensCol("ids").setLabelsCol("labels")),
        new Kind("packed tokens", List.of(ids), 4, trainer -> trainer.setTokensCol("ids")),
        new Kind(
            "packed tokens that are kept apart",
            List.of(ids),
            4,
            trainer -> trainer.setTokensCol("ids").setDocumentMask(true)));
  }

  private CausalLMTrainer trainer(Kind kind, String output) {
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setNumEpochs(1)
            .setLrWarmupSteps(1)
            .setLrDecaySteps(10)
            .setWeightCol(SameOrder.WEIGHT)
            .setOutputPath(folder.resolve(output).toUri().toString());
    trainer.clear(trainer.maxSteps());
    trainer = kind.set.apply(trainer);
    return kind.rowsPerSequence == 1 ? trainer.setTruncation("right") : trainer;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void lossesAreThoseOfAStagedRunOverTheSameOrder(Kind kind) throws IOException {
    int sequences = PARTITIONS * TestModels.GLOBAL_BATCH_SIZE;
    Dataset<Row> rows =
        SameOrder.numbered(
            TestModels.verses()
                .limit(sequences * kind.rowsPerSequence)
                .selectExpr("text", "split(text, ' ') words", "monotonically_increasing_id() id")
                .selectExpr(kind.frame.toArray(String[]::new)));
    Path staged = folder.resolve("staged");
    TrainingSummary whole =
        trainer(kind, "whole").setStagedDataPath(staged.toUri().toString()).fit(rows).summary();
    assertThat(whole.objectiveHistory()).hasSize(PARTITIONS).doesNotContain(0);

    SameOrder order = new SameOrder(kind.rowsPerSequence, PARTITIONS, TestModels.SEED);
    TrainingSummary streamed =
        trainer(kind, "streamed")
            .setDataMode("stream")
            .fit(order.frame(rows, staged, TestModels.SEQ_LENGTH))
            .summary();
    assertThat(streamed.objectiveHistory()).containsExactly(whole.objectiveHistory());
    assertThat(streamed.numRows()).isEqualTo(whole.numRows());
    assertThat(streamed.numTokens()).isEqualTo(whole.numTokens());
    assertThat(streamed.numTruncatedRows()).isEqualTo(whole.numTruncatedRows());
  }
}
