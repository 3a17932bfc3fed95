package dev.penstock.datasets.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import dev.penstock.datasets.tokenize.TextTokenizer;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ChatFormatTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 6, 9, 5, 3);

  private final TextTokenizer tokenizer = TextTokenizer.open(TestingData.tokenizer());

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void idsAndLabelsAreThoseOfTransformers() throws IOException {
    assertGolden("marked");
  }

  @Test
  void turnsThatTheTemplateDoesNotMarkAreFound() throws IOException {
    assertGolden("plain");
  }

  private void assertGolden(String template) throws IOException {
    JsonNode golden = MAPPER.readTree(TestingData.resource("/chat/conversations.json"));
    ChatFormat format = format(golden.get(template).textValue());
    for (JsonNode row : golden.get("rows")) {
      TokenizedDocument document = format.format(Conversation.of(row.get("conversation")));
      int[] ids = MAPPER.treeToValue(row.get("input_ids"), int[].class);
      int[] labels = ids.clone();
      for (int i = 0; i < labels.length; i++) {
        if (row.get("assistant_masks").get(i).intValue() == 0) {
          labels[i] = TokenSequence.IGNORE;
        }
      }
      assertThat(document.ids()).isEqualTo(ids);
      assertThat(document.labels()).as(row.get("conversation").toString()).isEqualTo(labels);
    }
    assertThat(golden.get("rows")).hasSize(8);
  }

  @Test
  void templateThatRewritesEarlierTurnsIsRefusedWhereItMarksNothing() throws IOException {
    ChatFormat format =
        format(
            "{% for m in messages %}<{{ m.role }}>{{ m.content if loop.last else 'gone' }}{% endfor"
                + " %}{% if add_generation_prompt %}<assistant>{% endif %}");
    Conversation conversation =
        Conversation.of(
            MAPPER.readTree(
                "[{\"role\": \"user\", \"content\": \"Who?\"},"
                    + " {\"role\": \"assistant\", \"content\": \"I am.\"}]"));
    assertThatThrownBy(() -> format.format(conversation))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("message 2")
        .hasMessageContaining("{% generation %}");
  }

  /** Each turn renders all before it: what one rendering may do is not for each of many turns. */
  @Test
  @Timeout(120)
  void turnsOfALongConversationAreRefusedInBoundedTime() {
    ChatFormat format =
        format(
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
                + "{% if add_generation_prompt %}<assistant>{% endif %}");
    ArrayNode messages = MAPPER.createArrayNode();
    messages.addObject().put("role", "user").put("content", "x".repeat(1_000_000));
    for (int turn = 0; turn < 1000; turn++) {
      messages.addObject().put("role", "assistant").put("content", "y");
      messages.addObject().put("role", "user").put("content", "z");
    }
    Conversation conversation = Conversation.of(messages);
    assertThatThrownBy(() -> format.format(conversation))
        .isInstanceOf(DatasetException.class)
        .hasMessageContainingAll("more than 200000000 steps", "{% generation %}");
  }

  @Test
  void whatIsNoConversationIsRefused() throws IOException {
    for (String json :
        new String[] {"[]", "{}", "5", "[\"x\"]", "[{\"content\": \"x\"}]", "{\"messages\": []}"}) {
      JsonNode row = MAPPER.readTree(json);
      assertThatThrownBy(() -> Conversation.of(row)).as(json).isInstanceOf(DatasetException.class);
    }
  }

  private ChatFormat format(String template) {
    TextEncoder encoder = new TextEncoder(tokenizer, SpecialTokens.EXCLUDED, tokenizer.vocabSize());
    return new ChatFormat(encoder, new ChatTemplates(Map.of("default", template)), null, NOW);
  }
}
