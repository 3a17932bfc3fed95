package dev.penstock.datasets.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowReaderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RowForm JOINED = new RowForm.PromptCompletion(false, PromptEncoding.JOINED);
  private static final RowForm MESSAGES =
      new RowForm.Messages(LocalDateTime.of(2026, 7, 6, 9, 5, 3));

  private final TextTokenizer tokenizer = TextTokenizer.open(TestingData.tokenizer());

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void everyTokenOfATextIsPredicted() {
    TokenizedDocument document = read(new RowForm.Text(), "In the beginning was the Word");
    assertThat(text(document)).isEqualTo("In the beginning was the Word");
    assertThat(document.labels()).isEqualTo(document.ids());
  }

  @Test
  void completionAloneIsPredicted() {
    String row = "{\"prompt\": \"In the beginning\", \"completion\": \" was the Word\"}";
    TokenizedDocument document = read(JOINED, row);
    assertThat(text(document)).isEqualTo("In the beginning was the Word");
    assertThat(predicted(document)).isEqualTo(" was the Word");

    RowForm all = new RowForm.PromptCompletion(true, PromptEncoding.JOINED);
    assertThat(read(all, row).ids()).isEqualTo(document.ids());
    assertThat(read(all, row).labels()).isEqualTo(document.ids());
  }

  /** The space goes into the first token of the answer, which is none of the prompt alone. */
  @Test
  void tokenOnBothSidesIsPredicted() {
    TokenizedDocument document =
        read(JOINED, "{\"prompt\": \"Who? Answer: \", \"completion\": \"God\"}");
    assertThat(text(document)).isEqualTo("Who? Answer: God");
    assertThat(predicted(document)).isEqualTo(" God");
  }

  @Test
  void partsMayBeEmpty() {
    assertThat(predicted(read(JOINED, "{\"prompt\": \"In\", \"completion\": \"\"}"))).isEmpty();
    assertThat(predicted(read(JOINED, "{\"prompt\": \"\", \"completion\": \"In\"}")))
        .isEqualTo("In");
  }

  @Test
  void partsEncodedApartHaveTheSpecialTokensOfAWholeText() throws IOException, URISyntaxException {
    RowForm apart = new RowForm.PromptCompletion(false, PromptEncoding.SEPARATE);
    JsonNode golden = JSON.readTree(TestingData.resource("/hellaswag-bos.json"));
    for (JsonNode expected : golden.get("expected")) {
      URL folder = RowReaderTest.class.getResource("/" + expected.get("tokenizer").textValue());
      try (TextTokenizer foreign =
          TextTokenizer.open(TokenizerFiles.read(Path.of(folder.toURI())))) {
        RowReader reader = reader(apart, foreign, SpecialTokens.INCLUDED);
        for (int i = 0; i < golden.get("rows").size(); i++) {
          JsonNode row = golden.get("rows").get(i);
          String parts =
              JSON.createObjectNode()
                  .put("prompt", row.get("ctx").textValue())
                  .put("completion", row.get("endings").get(row.get("label").asInt()).textValue())
                  .toString();
          assertThat(reader.read(parts).ids())
              .isEqualTo(ints(expected.get("rows").get(i), "input_ids"));
          assertThat(reader.read(parts).labels())
              .isEqualTo(ints(expected.get("rows").get(i), "labels"));
        }
      }
    }
    assertThat(golden.get("expected")).hasSize(2);
  }

  @Test
  void givenTokensStayAsTheyAre() {
    TokenizedDocument all = read(new RowForm.Tokens(), "{\"tokens\": [5, 0, 7]}");
    assertThat(all.ids()).containsExactly(5, 0, 7);
    assertThat(all.labels()).containsExactly(5, 0, 7);
    TokenizedDocument some =
        read(new RowForm.Tokens(), "{\"tokens\": [5, 0, 7], \"labels\": [-100, 0, -100]}");
    assertThat(some.labels()).containsExactly(-100, 0, -100);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[5, 4096] | null | tokens [5, 4096] has 4096 at position 1 (from 0), but the ids of the model are 0 to 4095",
        "[-1] | null | has -1 at position 0",
        "[5, null] | null | has null at position 1",
        "[99999999999] | null | has 99999999999 at position 0",
        "[5, 6] | [5] | has 2 tokens, but 1 labels",
        "[5, 6] | [6, -100] | has the label 6 at position 0 (from 0), where its token is 5",
        "[5, 6] | [5, null] | has the label null at position 1",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, -2] | null | tokens [1, 2, 3, 4, 5, 6, 7, 8, ..] has -2",
      })
  void tokensThatTheModelDoesNotHaveAreNamed(String tokens, String labels, String message) {
    String row = "{\"tokens\": %s, \"labels\": %s}".formatted(tokens, labels);
    assertThatThrownBy(() -> read(new RowForm.Tokens(), row))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(message);
  }

  @Test
  void messagesAndToolsMayBeJsonWithinJson() {
    String turns =
        "[{\"role\": \"user\", \"content\": \"Who?\"},"
            + " {\"role\": \"assistant\", \"content\": \"I am.\"}]";
    String tools = "[{\"name\": \"look\"}]";
    int[] expected =
        read(MESSAGES, "{\"messages\": %s, \"tools\": %s}".formatted(turns, tools)).ids();
    String asText = JSON.createObjectNode().put("messages", turns).put("tools", tools).toString();
    assertThat(read(MESSAGES, asText).ids()).isEqualTo(expected);
    String both = "{\"messages\": %s, \"tools\": %s}".formatted(turns, tools);
    String within = JSON.createObjectNode().put("messages", both).toString();
    assertThat(read(MESSAGES, within).ids()).isEqualTo(expected);
    String without = "{\"messages\": %s}".formatted(turns);
    assertThat(read(MESSAGES, without).ids()).isNotEqualTo(expected);
    String blank = JSON.createObjectNode().put("messages", turns).put("tools", "").toString();
    assertThat(read(MESSAGES, blank).ids()).isEqualTo(read(MESSAGES, without).ids());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"messages\": \"hello\"} | The row {\"messages\": \"hello\"}: hello is no JSON",
        "{\"messages\": \"{}\"} | must be a list of messages",
        "{\"messages\": [{\"role\": \"user\"}], \"tools\": 5} | tools of a conversation are 5",
      })
  void whatIsNoConversationIsNamed(String row, String message) {
    assertThatThrownBy(() -> read(MESSAGES, row))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(message);
  }

  private static int[] ints(JsonNode row, String key) throws IOException {
    return JSON.treeToValue(row.get(key), int[].class);
  }

  private TokenizedDocument read(RowForm form, String row) {
    return reader(form, tokenizer, SpecialTokens.EXCLUDED).read(row);
  }

  private static RowReader reader(RowForm form, TextTokenizer tokenizer, SpecialTokens special) {
    String template =
        "{% if tools %}{{ tools | tojson }}{% endif %}"
            + "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
            + "{% if add_generation_prompt %}<assistant>{% endif %}";
    return RowReader.of(
        form,
        new TextEncoder(tokenizer, special, tokenizer.vocabSize()),
        () -> new ChatTemplates(Map.of("default", template)));
  }

  private String text(TokenizedDocument document) {
    return tokenizer.decode(document.ids(), SpecialTokens.INCLUDED);
  }

  private String predicted(TokenizedDocument document) {
    int[] ids = Arrays.stream(document.labels()).filter(id -> id != TokenSequence.IGNORE).toArray();
    return tokenizer.decode(ids, SpecialTokens.INCLUDED);
  }
}
