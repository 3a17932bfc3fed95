package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows that cannot be read end a fit, or are left out as if they were not there. */
@Timeout(300)
class UnreadableRowsTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{% if m.role == 'devil' %}{{ raise_exception('no such role') }}"
          + "{% endif %}<{{ m.role }}>{% generation %}{{ m.content }}{% endgeneration %}\n"
          + "{% endfor %}";

  /** Of 40 rows, two are no JSON and two are refused by the template. */
  private static final String CHATS =
      "case when id < 2 then concat('[{', text) when id < 4 then refused else chat end chat";

  @TempDir Path folder;
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  private CausalLMTrainer trainer(String output) {
    return TestModels.trainer(folder)
        .setMessagesCol("chat")
        .setChatTemplate(TEMPLATE)
        .setMaxSteps(3)
        .setProgressLines(lines::add)
        .setOutputPath(folder.resolve(output).toUri().toString());
  }

  private static Dataset<Row> chats() {
    return TestModels.verses()
        .limit(40)
        .coalesce(1)
        .selectExpr("text", "monotonically_increasing_id() id")
        .selectExpr(
            "text",
            "id",
            "to_json(array(named_struct('role', 'user', 'content', text))) chat",
            "to_json(array(named_struct('role', 'devil', 'content', text))) refused")
        .selectExpr("id", CHATS);
  }

  private static Dataset<Row> readable() {
    return chats().filter("id >= 4");
  }

  @Test
  void stagedFitIsThatOfTheOtherRows() {
    String staged = folder.resolve("staged").toUri().toString();
    assertThatThrownBy(() -> trainer("one").fit(chats()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Of the rows: ");
    double[] expected = trainer("two").fit(readable()).summary().objectiveHistory();
    CausalLMTrainer skipping =
        trainer("three").setSkipUnreadableRows(true).setStagedDataPath(staged);
    lines.clear();
    TrainingSummary summary = skipping.fit(chats()).summary();
    assertThat(summary.numUnreadableRows()).isEqualTo(4);
    assertThat(summary.numRows()).isEqualTo(40);
    assertThat(summary.toJson()).contains("\"numUnreadableRows\":4");
    assertThat(lines).last().asString().startsWith("left out 4 of 40 rows, which cannot be read");
    assertThat(summary.objectiveHistory()).containsExactly(expected);

    TrainingSummary kept = skipping.setOutputPath(path("five")).fit(chats()).summary();
    assertThat(kept.numUnreadableRows()).as("of shards that were kept").isEqualTo(4);
    assertThat(kept.objectiveHistory()).containsExactly(summary.objectiveHistory());
    assertThatThrownBy(() -> trainer("six").setStagedDataPath(staged).fit(chats()))
        .as("shards without those rows are no others'")
        .isInstanceOf(ConfigException.class);
  }

  private String path(String name) {
    return folder.resolve(name).toUri().toString();
  }

  @Test
  void streamIsThatOfTheOtherRows() {
    double[] expected =
        trainer("one").setDataMode("stream").fit(readable()).summary().objectiveHistory();
    CausalLMTrainer streaming = trainer("two").setDataMode("stream");
    assertThatThrownBy(() -> streaming.fit(chats()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Of the rows: ");
    TrainingSummary summary = streaming.setSkipUnreadableRows(true).fit(chats()).summary();
    assertThat(summary.numUnreadableRows()).isEqualTo(4);
    assertThat(summary.objectiveHistory()).containsExactly(expected);
  }

  @Test
  void fitWithoutAReadableRowIsRefused() {
    Dataset<Row> none = chats().filter("id < 4");
    for (String mode : List.of("staged", "stream")) {
      CausalLMTrainer trainer = trainer(mode).setDataMode(mode).setSkipUnreadableRows(true);
      assertThatThrownBy(() -> trainer.fit(none))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("None of 4 rows can be read, and skipUnreadableRows left them");
    }
  }

  @Test
  void rowsWithoutAScoreAreThoseThatCannotBeRead() {
    CausalLMModel model = trainer("one").fit(readable());
    assertThatThrownBy(() -> model.transform(chats()).collectAsList())
        .hasMessageContaining("cannot be scored");
    List<Row> scored =
        model.setSkipUnreadableRows(true).transform(chats()).orderBy("id").collectAsList();
    assertThat(scored).hasSize(40);
    assertThat(scored.subList(0, 4)).allMatch(row -> row.isNullAt(2) && row.getInt(3) == 0);
    assertThat(scored.subList(4, 40)).allMatch(row -> row.getDouble(2) > 0 && row.getInt(3) > 0);
  }
}
