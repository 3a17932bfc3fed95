package dev.penstock.datasets.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChatTemplatesTest {
  @Test
  void oneTemplateServesWithAndWithoutTools() {
    ChatTemplates templates =
        templates(Map.of("tokenizer_config.json", "{\"chat_template\": \"x\"}"));
    assertThat(templates.choose(null, false)).isEqualTo("x");
    assertThat(templates.choose(null, true)).isEqualTo("x");
  }

  @Test
  void namedTemplatesAreChosenByToolsOrName() {
    ChatTemplates templates =
        templates(
            Map.of(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"},"
                    + " {\"name\": \"tool_use\", \"template\": \"t\"},"
                    + " {\"name\": \"rag\", \"template\": \"r\"}]}"));
    assertThat(templates.choose(null, false)).isEqualTo("d");
    assertThat(templates.choose(null, true)).isEqualTo("t");
    assertThat(templates.choose("rag", true)).isEqualTo("r");
    assertThatThrownBy(() -> templates.choose("other", false))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("'other', only [default, rag, tool_use]");
  }

  @Test
  void fileOfItsOwnCountsBeforeTheConfig() {
    assertThat(
            templates(
                    Map.of(
                        "tokenizer_config.json", "{\"chat_template\": \"x\"}",
                        "chat_template.jinja", "{{ 1 }}"))
                .choose(null, false))
        .isEqualTo("{{ 1 }}");
  }

  @Test
  void filesOfTheirOwnCountAlone() {
    String config =
        "{\"chat_template\": [{\"name\": \"default\", \"template\": \"d\"},"
            + " {\"name\": \"rag\", \"template\": \"r\"}]}";
    ChatTemplates templates =
        templates(
            Map.of(
                "tokenizer_config.json", config,
                "chat_template.jinja", "own",
                "additional_chat_templates/tool_use.jinja", "tools"));
    assertThat(templates.byName()).isEqualTo(Map.of("default", "own", "tool_use", "tools"));
    assertThat(
            templates(
                    Map.of(
                        "tokenizer_config.json",
                        config,
                        "additional_chat_templates/tool_use.jinja",
                        "tools"))
                .byName())
        .isEqualTo(Map.of("tool_use", "tools"));
  }

  @Test
  void templateThatIsGivenTakesThePlaceOfAll() {
    TokenizerFiles files =
        files(
                Map.of(
                    "tokenizer_config.json", "{\"chat_template\": \"d\"}",
                    "additional_chat_templates/tool_use.jinja", "tools"))
            .withChatTemplate("given");
    assertThat(ChatTemplates.of(files).byName()).isEqualTo(Map.of("default", "given"));
    assertThat(files.names())
        .containsExactly("chat_template.jinja", "tokenizer.json", "tokenizer_config.json");
  }

  @Test
  void templatesThatCannotBeReadAreFoundBeforeTheyAreNeeded() {
    assertThatThrownBy(() -> new ChatTemplates(Map.of("default", "{% for %}")).check())
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("line 1");
    assertThatThrownBy(() -> new ChatTemplates(Map.of()).check())
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("no chat template");
    new ChatTemplates(Map.of("tool_use", "{{ messages }}")).check();
  }

  @Test
  void tokenizersWithoutOneAreRefusedWhereOneIsNeeded() {
    ChatTemplates none = templates(Map.of("tokenizer_config.json", "{}"));
    assertThat(none.byName()).isEmpty();
    assertThatThrownBy(() -> none.choose(null, false))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("no chat template");
  }

  @Test
  void listsOfOtherThingsAreRefused() {
    assertThatThrownBy(
            () -> templates(Map.of("tokenizer_config.json", "{\"chat_template\": [\"x\"]}")))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("a name and a template");
  }

  private static ChatTemplates templates(Map<String, String> files) {
    return ChatTemplates.of(files(files));
  }

  private static TokenizerFiles files(Map<String, String> files) {
    Map<String, byte[]> bytes = new HashMap<>();
    files.forEach((name, text) -> bytes.put(name, text.getBytes(StandardCharsets.UTF_8)));
    bytes.put("tokenizer.json", TestingData.tokenizer().bytes("tokenizer.json"));
    return TokenizerFiles.of(bytes);
  }
}
