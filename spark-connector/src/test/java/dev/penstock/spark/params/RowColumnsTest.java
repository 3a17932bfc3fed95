package dev.penstock.spark.params;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.format.PromptEncoding;
import dev.penstock.datasets.format.RowForm;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TestSpark;
import java.time.LocalDateTime;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class RowColumnsTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 6, 9, 5, 3);
  private static final String MESSAGE = "named_struct('role', 'user', 'content', 'a', 'name', %s)";

  private final CausalLMTrainer trainer = new CausalLMTrainer();

  private RowColumns columns() {
    return RowColumns.of(trainer, NOW);
  }

  private static Dataset<Row> frame(String... columns) {
    return TestSpark.session().range(1).selectExpr(columns);
  }

  private List<String> rows(Dataset<Row> frame) {
    columns().check(frame.schema());
    return frame.select(columns().of(frame)).collectAsList().stream()
        .map(row -> row.getString(0))
        .toList();
  }

  @Test
  void textStaysAsItIs() {
    assertThat(columns().form()).isEqualTo(new RowForm.Text());
    assertThat(columns().described()).isEqualTo("Column 'text' (inputCol)");
    assertThat(rows(frame("'{\"a\"}' text"))).containsExactly("{\"a\"}");
  }

  @Test
  void conversationsAreTheJsonOfTheirStructsWithoutNulls() {
    trainer.setMessagesCol("chat").setToolsCol("tools");
    assertThat(columns().form()).isEqualTo(new RowForm.Messages(NOW));
    String chat = "array(" + MESSAGE.formatted("null") + ") chat";
    assertThat(rows(frame(chat, "array(named_struct('name', 'look')) tools")))
        .containsExactly(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"tools\":[{\"name\":\"look\"}]}");
    assertThat(rows(frame(chat, "cast(null as string) tools")))
        .containsExactly("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
    assertThat(rows(frame("'[5]' chat", "'[6]' tools")))
        .containsExactly("{\"messages\":\"[5]\",\"tools\":\"[6]\"}");
    assertThat(columns().described()).isEqualTo("Column 'chat' (messagesCol)");
  }

  @Test
  void rowsWithoutContentAreEmptyAndWithoutAPartNull() {
    trainer.setMessagesCol("chat");
    assertThat(rows(frame("' [ ] ' chat"))).containsExactly("");
    assertThat(rows(frame("'' chat"))).containsExactly("");
    assertThat(rows(frame("cast(null as string) chat"))).containsExactly((String) null);
    assertThat(rows(frame("filter(array(" + MESSAGE.formatted("''") + "), m -> false) chat")))
        .containsExactly("");

    trainer.clear(trainer.messagesCol());
    trainer.setPromptCol("p").setCompletionCol("c");
    assertThat(rows(frame("'' p", "'' c"))).containsExactly("");
    assertThat(rows(frame("'' p", "'x' c")))
        .containsExactly("{\"prompt\":\"\",\"completion\":\"x\"}");
    assertThat(rows(frame("'x' p", "cast(null as string) c"))).containsExactly((String) null);
    assertThat(columns().described()).isEqualTo("Column 'p' (promptCol) or 'c' (completionCol)");
  }

  @Test
  void tokensComeWithTheirLabels() {
    trainer.setTokensCol("t").setLabelsCol("l");
    assertThat(rows(frame("array(1, 2) t", "array(-100L, 2L) l")))
        .containsExactly("{\"tokens\":[1,2],\"labels\":[-100,2]}");
    assertThat(rows(frame("array(1, null) t", "array(1, 2) l")))
        .containsExactly("{\"tokens\":[1,null],\"labels\":[1,2]}");
    assertThat(rows(frame("cast(array() as array<int>) t", "array(1) l"))).containsExactly("");
    assertThat(rows(frame("array(1) t", "cast(null as array<int>) l")))
        .containsExactly((String) null);
  }

  @Test
  void promptsAreEncodedAsTheParamsSay() {
    trainer.setPromptCol("p").setCompletionCol("c");
    assertThat(columns().form())
        .isEqualTo(new RowForm.PromptCompletion(false, PromptEncoding.JOINED));
    trainer.setTrainOnPrompt(true).setPromptEncoding("separate");
    assertThat(columns().form())
        .isEqualTo(new RowForm.PromptCompletion(true, PromptEncoding.SEPARATE));
  }

  @Test
  void columnsOfOtherTypesAreRefused() {
    trainer.setMessagesCol("chat");
    assertRefused("array(1) chat", "'chat' (messagesCol) must be an array of structs");
    assertRefused("1 other", "There is no column 'chat' (messagesCol)");
    trainer.clear(trainer.messagesCol());
    trainer.setTokensCol("t");
    assertRefused("array('1') t", "'t' (tokensCol) must be an array of int, but is array<string>");
  }

  private void assertRefused(String column, String message) {
    assertThatThrownBy(() -> columns().check(frame(column).schema()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatContradictsIsNamed() {
    trainer.setInputCol("a").setMessagesCol("b");
    assertContradicts("inputCol 'a', messagesCol 'b'", "Clear all but one");
    trainer.clear(trainer.inputCol());
    trainer.setTokensCol("c");
    assertContradicts("messagesCol 'b', tokensCol 'c'");
    trainer.clear(trainer.tokensCol());
    trainer.setLabelsCol("d");
    assertContradicts("labelsCol 'd' is set, but not tokensCol");
    trainer.clear(trainer.labelsCol());
    trainer.setCompletionCol("e");
    assertContradicts("completionCol 'e' is set, but not promptCol");
    trainer.clear(trainer.completionCol());
    trainer.setTrainOnPrompt(true);
    assertContradicts("trainOnPrompt 'true' is set, but not promptCol");
    trainer.setTrainOnPrompt(false).setAddSpecialTokens(false);
    assertContradicts("addSpecialTokens is false");
    trainer.setAddSpecialTokens(true);
    assertThat(columns().form()).isInstanceOf(RowForm.Messages.class);
    trainer.clear(trainer.messagesCol());
    trainer.setToolsCol("f");
    assertContradicts("toolsCol 'f' is set, but not messagesCol");
  }

  private void assertContradicts(String... parts) {
    assertThatThrownBy(this::columns).isInstanceOf(ConfigException.class).message().contains(parts);
  }
}
