package dev.penstock.datasets.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.datasets.DatasetException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A conversation as published data sets hold it.
 *
 * @param messages objects with a role, and content, tool_calls and what else the template reads
 * @param tools a list of tools as JSON schemas, or null
 */
public record Conversation(ArrayNode messages, JsonNode tools) {
  static final String ASSISTANT = "assistant";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String ROLE = "role";
  private static final String THINKING = "thinking";
  private static final String REASONING_CONTENT = "reasoning_content";

  /** Keys under which data sets hold what the assistant thought. */
  private static final List<String> REASONING = List.of(REASONING_CONTENT, THINKING, "reasoning");

  public Conversation {
    if (messages.isEmpty()) {
      throw new DatasetException("A conversation has no messages. It needs at least one.");
    }
    for (JsonNode message : messages) {
      if (!message.isObject() || !message.path(ROLE).isTextual()) {
        throw new DatasetException(
            "A message of a conversation is %.200s. It must be an object with a role."
                .formatted(message));
      }
    }
    if (!tools.isNull() && !tools.isArray()) {
      throw new DatasetException(
          "The tools of a conversation are %.200s. They must be a list of objects."
              .formatted(tools));
    }
  }

  /**
   * Reads JSON: a list of messages, or an object with {@code messages} and perhaps {@code tools}.
   *
   * @throws DatasetException if it is neither
   */
  public static Conversation of(JsonNode json) {
    return of(json, NullNode.instance);
  }

  /**
   * Reads JSON as {@link #of(JsonNode)}, whose tools may lie apart from it.
   *
   * @param tools missing or null: those that {@code json} has, if any
   */
  static Conversation of(JsonNode json, JsonNode tools) {
    JsonNode messages = json.isObject() ? json.path("messages") : json;
    JsonNode given = isNone(tools) ? json.path("tools") : tools;
    if (messages instanceof ArrayNode array) {
      return new Conversation(array, isNone(given) ? NullNode.instance : given);
    }
    throw new DatasetException(
        "A conversation is %.200s. It must be a list of messages, or an object with one as messages."
            .formatted(json));
  }

  private static boolean isNone(JsonNode tools) {
    return tools.isMissingNode() || tools.isNull();
  }

  /** The conversation up to before a message. */
  Conversation before(int message) {
    ArrayNode first = JSON.arrayNode();
    for (int i = 0; i < message; i++) {
      first.add(messages.get(i));
    }
    return new Conversation(first, tools);
  }

  boolean isAssistant(int message) {
    return messages.get(message).get(ROLE).textValue().equals(ASSISTANT);
  }

  /** What transformers gives a template, apart from the tokenizer's tokens. */
  Map<String, JsonNode> variables(boolean asksForTurn) {
    ArrayNode plain = JSON.arrayNode();
    messages.forEach(message -> plain.add(normalized(message)));
    Map<String, JsonNode> variables = new HashMap<>();
    variables.put("messages", plain);
    variables.put("tools", tools);
    variables.put("documents", NullNode.instance);
    variables.put("add_generation_prompt", JSON.booleanNode(asksForTurn));
    return variables;
  }

  static JsonNode text(String text) {
    return JSON.textNode(text);
  }

  /** Without keys that are null, and with reasoning under the names that templates read. */
  private static ObjectNode normalized(JsonNode message) {
    ObjectNode plain = JSON.objectNode();
    JsonNode reasoning =
        REASONING.stream()
            .filter(message::hasNonNull)
            .findFirst()
            .<JsonNode>map(message::get)
            .orElse(null);
    if (reasoning != null) {
      plain.set(THINKING, reasoning);
    }
    message
        .properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                plain.set(entry.getKey(), entry.getValue());
              }
            });
    if (reasoning != null) {
      plain.set(REASONING_CONTENT, reasoning);
    }
    return plain;
  }
}
