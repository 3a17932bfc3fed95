package dev.penstock.datasets.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 6, 9, 5, 3);
  private static final int SMALL_STACK = 512 << 10;
  private static final int LONGEST_MESSAGE = 2000;

  @Test
  void everyConstructRendersAsInTransformers() throws IOException {
    JsonNode golden = MAPPER.readTree(TestingData.resource("/chat/templates.json"));
    LocalDateTime now = LocalDateTime.parse(golden.get("now").textValue());
    int refused = 0;
    for (JsonNode expected : golden.get("cases")) {
      String template = expected.get("template").textValue();
      if (expected.has("refused")) {
        refused++;
        assertThatThrownBy(() -> render(template, golden.get("variables"), now))
            .as(template)
            .isInstanceOf(DatasetException.class);
        continue;
      }
      Rendering rendering = render(template, golden.get("variables"), now);
      String text = rendering.text();
      assertThat(text).as(template).isEqualTo(expected.get("text").textValue());
      List<List<Integer>> spans =
          rendering.generated().stream()
              .map(
                  span ->
                      List.of(
                          text.codePointCount(0, span.begin()), text.codePointCount(0, span.end())))
              .toList();
      assertThat(MAPPER.<JsonNode>valueToTree(spans))
          .as(template)
          .isEqualTo(
              expected.has("generated") ? expected.get("generated") : MAPPER.createArrayNode());
    }
    assertThat(golden.get("cases").size() - refused).isGreaterThan(60);
    assertThat(refused).isGreaterThan(30);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ 'a' * 10000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ range(1000000000) }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'a'.center(1000000000) }}",
        "{{ 'a'|indent(1000000000) }}",
        "{{ [1]|tojson(indent=1000000000) }}",
        "{{ [1]|batch(1000000000, 1)|list }}",
        "{{ ('a' * 100000).replace('', 'b' * 100000) }}",
        "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor"
            + " %}",
        "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor"
            + " %}{{ n.x }}",
        "{% set n = namespace(x=(1,)) %}{% for i in range(99) %}{% set n.x = (n.x, n.x) %}{% endfor"
            + " %}{{ {n.x: 1} }}",
        "{% set n = namespace() %}{% set n.a = n %}{{ n }}",
        "{{ strftime_now('%c' * 1000000) }}"
      })
  void whatWouldNotEndIsRefused(String template) throws InterruptedException {
    assertRefused(template);
  }

  @Test
  void whatGoesTooDeepOrIsTooLongIsRefused() throws InterruptedException {
    int many = 100_000;
    for (String template :
        List.of(
            "{% if true %}".repeat(many),
            "{{ " + "(".repeat(many) + " }}",
            "{{ " + "not ".repeat(many) + "1 }}",
            "{{ " + "-".repeat(many) + "1 }}",
            "{{ 1" + " + 1".repeat(many) + " }}",
            "{{ a" + ".b".repeat(many) + " }}",
            "{{ 1" + "|string".repeat(many) + " }}",
            "{% set " + "(".repeat(many) + "a = 1 %}",
            "{#".repeat(many),
            "x".repeat(10_000_000))) {
      assertRefused(template);
    }
  }

  /** On a thread with less stack than Spark's tasks have. */
  private static void assertRefused(String template) throws InterruptedException {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        new Thread(null, () -> thrown[0] = catchRendering(template), "small-stack", SMALL_STACK);
    thread.start();
    thread.join();
    String shown = template.substring(0, Math.min(100, template.length()));
    assertThat(thrown[0]).as(shown).isInstanceOf(DatasetException.class);
    assertThat(thrown[0].getMessage()).as(shown).hasSizeLessThan(LONGEST_MESSAGE);
  }

  private static Throwable catchRendering(String template) {
    try {
      render(template, MAPPER.createObjectNode(), NOW);
      return null;
    } catch (DatasetException | StackOverflowError | OutOfMemoryError e) {
      return e;
    }
  }

  @Test
  void refusalNamesTheLineAndWhatTheTemplateSays() {
    assertThatThrownBy(
            () ->
                render("a\n{{ raise_exception('no ' ~ 'tools') }}", MAPPER.createObjectNode(), NOW))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("line 2")
        .hasMessageContaining("no tools");
  }

  private static Rendering render(String template, JsonNode variables, LocalDateTime now) {
    Map<String, JsonNode> byName = new HashMap<>();
    variables.properties().forEach(entry -> byName.put(entry.getKey(), entry.getValue()));
    return ChatTemplate.parse(template).render(byName, now);
  }
}
