package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.engine.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fits and scores rows that are no texts. */
@Timeout(300)
class RowKindsTest {
  private static final String TEMPLATE =
      "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
          + "{% if add_generation_prompt %}<assistant>{% endif %}";

  @TempDir Path folder;

  private CausalLMTrainer trainer() {
    return TestModels.trainer(folder).setPpSize(2).setMaxSteps(2);
  }

  private static Dataset<Row> frame(String... columns) {
    return TestModels.verses()
        .limit(40)
        .selectExpr("text", "split(text, ' ') words")
        .selectExpr(columns);
  }

  @Test
  void conversationsAreLearntAndScored() throws Exception {
    Dataset<Row> chats =
        frame(
            "array(named_struct('role', 'user', 'content', words[0]),"
                + " named_struct('role', 'assistant', 'content', text)) chat");
    CausalLMModel model = trainer().setMessagesCol("chat").setChatTemplate(TEMPLATE).fit(chats);

    TrainingSummary summary = model.summary();
    assertThat(summary.numRows()).isEqualTo(40);
    assertThat(summary.objectiveHistory()).hasSize(2).doesNotContain(0, Double.NaN);
    assertThat(folder.resolve("model/chat_template.jinja")).hasContent(TEMPLATE);

    Dataset<Row> scored = model.transform(chats);
    assertThat(scored.columns()).containsExactly("chat", "nll", "numTokens");
    List<Row> asStructs = scored.select("nll", "numTokens").collectAsList();
    assertThat(asStructs).allMatch(row -> row.getDouble(0) > 1 && row.getInt(1) > 1);
    Dataset<Row> asJson = chats.selectExpr("to_json(chat) chat");
    assertThat(model.transform(asJson).select("nll", "numTokens").collectAsList())
        .isEqualTo(asStructs);

    Path saved = folder.resolve("saved");
    model.write().save(saved.toUri().toString());
    CausalLMModel loaded = CausalLMModel.load(saved.toUri().toString());
    assertThat(loaded.getMessagesCol()).isEqualTo("chat");
    assertThat(loaded.transform(chats).select("nll", "numTokens").collectAsList())
        .isEqualTo(asStructs);
  }

  /** Tokens of completions and labels that say the same give the same scores. */
  @Test
  void completionsAndLabelledTokensAreScoredAlike() {
    Dataset<Row> parts = frame("concat(words[0], ' ') p", "concat('the ', words[1]) c");
    CausalLMModel model = trainer().setPromptCol("p").setCompletionCol("c").fit(parts);
    List<Row> completions = model.transform(parts).select("nll", "numTokens").collectAsList();
    assertThat(completions).allMatch(row -> row.getInt(1) >= 2);

    model.setTrainOnPrompt(true);
    List<Row> whole = model.transform(parts).select("nll", "numTokens").collectAsList();
    CausalLMModel ofTexts =
        CausalLMModel.ofFolder(model.modelPath()).setInputCol("t").setSeqLength(32);
    assertThat(
            ofTexts
                .transform(parts.selectExpr("concat(p, c) t"))
                .select("nll", "numTokens")
                .collectAsList())
        .isEqualTo(whole);
  }

  @Test
  void tokensAreTrainedOnAsTheyAre() {
    Dataset<Row> tokens =
        frame("transform(words, w -> cast(length(w) as int) + 10) ids")
            .selectExpr("ids", "transform(ids, (x, i) -> if(i % 2 = 0, x, -100)) labels");
    CausalLMModel model = trainer().setTokensCol("ids").setLabelsCol("labels").fit(tokens);
    long expected = tokens.selectExpr("sum(size(ids))").first().getLong(0);
    assertThat(model.summary().numTokens()).isEqualTo(expected);
    List<Row> counts =
        model.transform(tokens).selectExpr("numTokens", "(size(ids) - 1) div 2").collectAsList();
    assertThat(counts).allMatch(row -> row.getInt(0) == row.getLong(1));
  }

  @Test
  void tokensBeyondTheVocabularyAreNamed() {
    Dataset<Row> tokens = frame("array(5, 4096, 7) ids");
    assertThatThrownBy(() -> trainer().setTokensCol("ids").fit(tokens))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tokens [5, 4096, 7] has 4096 at position 1 (from 0)");
  }

  @Test
  void rowsOfWhichNothingCountsAreRefused() {
    Dataset<Row> tokens = frame("array(5, 6) ids", "array(-100, -100) labels");
    assertThatThrownBy(() -> trainer().setTokensCol("ids").setLabelsCol("labels").fit(tokens))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Of all rows no token counts in the loss");
  }

  @Test
  void templatesAreReadFromFilesAndCheckedBeforeAnythingStarts() throws Exception {
    Dataset<Row> chats = frame("'[]' chat");
    CausalLMTrainer trainer = trainer().setMessagesCol("chat");
    assertThatThrownBy(() -> trainer.setChatTemplate(folder + "/none.jinja").fit(chats))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("There is no chat template at")
        .hasMessageContaining("(chatTemplate)");
    Path file = Files.writeString(folder.resolve("broken.jinja"), "{% for %}");
    assertThatThrownBy(() -> trainer.setChatTemplate(file.toString()).fit(chats))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("line 1");
    assertThatThrownBy(() -> trainer().setChatTemplate("{{ x }}").fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("there is no messagesCol");
  }
}
