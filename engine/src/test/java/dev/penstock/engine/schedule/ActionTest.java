package dev.penstock.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActionTest {
  /** The reference matches a prefix and takes these. */
  private static final Set<String> TRAILING_GARBAGE = Set.of("0F0xyz", "0BW0", "0F0,1F0", "0F-1");

  static Stream<JsonNode> texts() {
    return ScheduleCases.list(ScheduleCases.load("lowering_passes.json").get("action_parse"))
        .stream();
  }

  @ParameterizedTest
  @MethodSource("texts")
  void parsesAsTheReferenceButExactly(JsonNode expected) {
    String text = expected.get("text").textValue();
    if (TRAILING_GARBAGE.contains(text)) {
      assertThatThrownBy(() -> Action.parse(text)).hasMessage(invalid(text));
      return;
    }
    if (expected.has("error")) {
      assertThatThrownBy(() -> Action.parse(text))
          .isInstanceOf(ConfigException.class)
          .hasMessage(expected.get("message").textValue());
      return;
    }
    JsonNode parsed = expected.get("parsed");
    Action action = Action.parse(text);
    if (parsed.isNull()) {
      assertThat(action).isNull();
      return;
    }
    assertThat(action.stage()).isEqualTo(parsed.get("stage").intValue());
    assertThat(action.type().name()).isEqualTo(parsed.get("type").textValue());
    assertThat(action.microbatch()).isEqualTo(parsed.get("mb").asInt(Action.NONE));
    assertThat(action.type().isCompute()).isEqualTo(parsed.get("is_compute").booleanValue());
    assertThat(action).hasToString(parsed.get("printed").textValue());
    assertThat(ScheduleCases.texts(action.parts()))
        .isEqualTo(ScheduleCases.cells(parsed.get("sub")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F0 1", "0 F0", "9999999999F0", "0F9999999999", "(0F1;1B1", "0REDUCE"})
  void whatIsNoActionIsRefused(String text) {
    assertThatThrownBy(() -> Action.parse(text))
        .isInstanceOf(ConfigException.class)
        .hasMessage(invalid(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0F1", "3SEND_B12", "7REDUCE_GRAD", "(0F7;7B3)OVERLAP_F_B"})
  void printedActionsParseBack(String text) {
    assertThat(Action.parse(text)).hasToString(text);
  }

  private static String invalid(String text) {
    return "Invalid action string: "
        + text
        + ", should be formatted as [stage][action type][(microbatch)] e.g. 2F0";
  }
}
