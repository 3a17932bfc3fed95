package dev.penstock.datasets.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.Sha256;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The chat templates of a tokenizer: those of chat_template.jinja and additional_chat_templates, or
 * what tokenizer_config.json says, one or several by name.
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
   * The templates of a tokenizer; none if its files have none. Templates in files of their own
   * count alone, whatever {@code tokenizer_config.json} says beside them.
   *
   * @throws DatasetException if they are not what transformers writes
   */
  public static ChatTemplates of(TokenizerFiles files) {
    Map<String, String> byName = new TreeMap<>();
    if (files.names().contains(TokenizerFiles.CHAT_TEMPLATE)) {
      byName.put(DEFAULT, text(files.bytes(TokenizerFiles.CHAT_TEMPLATE)));
    }
    files.additionalTemplates().forEach((name, bytes) -> byName.put(name, text(bytes)));
    if (byName.isEmpty() && files.names().contains(TokenizerFiles.CONFIG)) {
      byName.putAll(ofConfig(json(files.bytes(TokenizerFiles.CONFIG)).path(KEY)));
    }
    return new ChatTemplates(byName);
  }

  private static Map<String, String> ofConfig(JsonNode config) {
    Map<String, String> byName = new TreeMap<>();
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
    return byName;
  }

  /**
   * Makes sure that there are some, and that all can be read.
   *
   * @throws DatasetException else
   */
  public void check() {
    if (byName.isEmpty()) {
      choose(null, false);
    }
    byName.values().forEach(ChatTemplate::parse);
  }

  /** Says which templates these are. */
  public String sha256() {
    StringBuilder parts = new StringBuilder();
    new TreeMap<>(byName)
        .forEach((name, source) -> parts.append(name).append('\n').append(source).append('\n'));
    return Sha256.hex(parts.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
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
