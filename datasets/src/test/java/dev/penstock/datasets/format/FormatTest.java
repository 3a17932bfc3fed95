package dev.penstock.datasets.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FormatTest {
  private final TextTokenizer tokenizer = TextTokenizer.open(TestingData.tokenizer());
  private final PromptCompletionFormat promptCompletion =
      new PromptCompletionFormat(tokenizer, SpecialTokens.EXCLUDED);

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void plainTextIsPredictedWhole() {
    String text = "In the beginning was the Word";
    TokenizedDocument document =
        new PlainTextFormat(tokenizer, SpecialTokens.EXCLUDED).format(text);
    assertThat(text(document)).isEqualTo(text);
    assertThat(predicted(document)).isEqualTo(text);
  }

  @Test
  void promptIsMasked() {
    TokenizedDocument document = promptCompletion.format("In the beginning", " was the Word");
    assertThat(text(document)).isEqualTo("In the beginning was the Word");
    assertThat(predicted(document)).isEqualTo(" was the Word");
  }

  @Test
  void squadLearnsTheFirstAnswer() {
    SquadFormat format = new SquadFormat(promptCompletion);
    TokenizedDocument document =
        format.format("God created the heaven.", "Who?", List.of(" God ", "He"));
    assertThat(text(document))
        .isEqualTo("Context: God created the heaven. Question: Who? Answer: God");
    assertThat(predicted(document)).isEqualTo(" God");
    assertThat(predicted(format.format("a", "b", List.of()))).isEmpty();
  }

  @Test
  void hellaSwagLearnsTheRightEnding() {
    HellaSwagFormat format = new HellaSwagFormat(tokenizer);
    List<String> endings = List.of("he slept.", "he went up.", "he fell.", "he wept.");
    TokenizedDocument document = format.format("And it came to pass,", endings, 1);
    assertThat(predicted(document)).isEqualTo("he went up.");
    assertThat(text(document)).isEqualTo("And it came to pass,he went up.");
    assertThatThrownBy(() -> format.format("", endings, -1))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("4 endings, but the label -1");
  }

  @Test
  void hellaSwagHasTheSpecialTokensOfAWholeText() throws IOException, URISyntaxException {
    JsonNode golden = new ObjectMapper().readTree(TestingData.resource("/hellaswag-bos.json"));
    for (JsonNode expected : golden.get("expected")) {
      URL folder = FormatTest.class.getResource("/" + expected.get("tokenizer").textValue());
      try (TextTokenizer foreign =
          TextTokenizer.open(TokenizerFiles.read(Path.of(folder.toURI())))) {
        HellaSwagFormat format = new HellaSwagFormat(foreign);
        for (int i = 0; i < golden.get("rows").size(); i++) {
          JsonNode row = golden.get("rows").get(i);
          List<String> endings = new ArrayList<>();
          row.get("endings").forEach(ending -> endings.add(ending.textValue()));
          TokenizedDocument document =
              format.format(row.get("ctx").textValue(), endings, row.get("label").asInt());
          assertThat(document.ids()).isEqualTo(ints(expected.get("rows").get(i), "input_ids"));
          assertThat(document.labels()).isEqualTo(ints(expected.get("rows").get(i), "labels"));
        }
      }
    }
    assertThat(golden.get("expected")).hasSize(2);
  }

  private static int[] ints(JsonNode row, String key) throws IOException {
    return new ObjectMapper().treeToValue(row.get(key), int[].class);
  }

  private String text(TokenizedDocument document) {
    return tokenizer.decode(document.ids(), SpecialTokens.INCLUDED);
  }

  private String predicted(TokenizedDocument document) {
    int[] ids = Arrays.stream(document.labels()).filter(id -> id != TokenSequence.IGNORE).toArray();
    return tokenizer.decode(ids, SpecialTokens.INCLUDED);
  }
}
