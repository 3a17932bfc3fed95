package dev.penstock.datasets.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The chat templates of a tokenizer: that of chat_template.jinja, or what tokenizer_config.json
 * says, one or several by name.
 *
 * @param byName sources by name; a single one has the name {@value #DEFAULT}
 */
public record ChatTemplates(Map<String, String> byName) {
  static final String DEFAULT = "default";

  private static final String WITH_TOOLS = "tool_use";
  private static final String KEY = "chat_template";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  public ChatTemplates {
    byName = Map.copyOf(byName);
  }

  /**
   * The templates of a tokenizer; none if its files have none.
   *
   * @throws DatasetException if they are not what transformers writes
   */
  public static ChatTemplates of(TokenizerFiles files) {
    Map<String, String> byName = new TreeMap<>();
    if (files.names().contains(TokenizerFiles.CONFIG)) {
      JsonNode config = json(files.bytes(TokenizerFiles.CONFIG)).path(KEY);
      if (config.isTextual()) {
        byName.put(DEFAULT, config.textValue());
      }
      for (JsonNode named : config.isArray() ? config : MAPPER.createArrayNode()) {
        if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
          throw new DatasetException(
              "The %s of the tokenizer has the %s %.200s. It must be a text, or a list of objects with a name and a template."
                  .formatted(TokenizerFiles.CONFIG, KEY, named));
        }
        byName.put(named.get("name").textValue(), named.get("template").textValue());
      }
    }
    if (files.names().contains(TokenizerFiles.CHAT_TEMPLATE)) {
      byName.put(
          DEFAULT, new String(files.bytes(TokenizerFiles.CHAT_TEMPLATE), StandardCharsets.UTF_8));
    }
    return new ChatTemplates(byName);
  }

  /**
   * The template for a conversation, as transformers chooses it.
   *
   * @param name the one to take; null: that for tools if there are tools, else the default
   * @throws DatasetException if there is none
   */
  public String choose(@Nullable String name, boolean tools) {
    String wanted =
        name != null ? name : tools && byName.containsKey(WITH_TOOLS) ? WITH_TOOLS : DEFAULT;
    String source = byName.get(wanted);
    if (source == null) {
      throw new DatasetException(
          byName.isEmpty()
              ? "The tokenizer has no chat template. Add its chat_template.jinja to the tokenizer's"
                  + " folder, or give a template."
              : "The tokenizer has no chat template '%.80s', only %.500s."
                  .formatted(wanted, new TreeMap<>(byName).keySet()));
    }
    return source;
  }

  private static JsonNode json(byte[] bytes) {
    try {
      return MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw new DatasetException(
          "The %s of the tokenizer is no valid JSON: %.500s. Copy or download it again."
              .formatted(TokenizerFiles.CONFIG, e.getMessage()),
          e);
    }
  }
}
