package dev.penstock.engine.model.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a model's own files say of how its texts are continued: {@code generation_config.json}, and
 * the ends of text of {@code config.json} where there is no such file. Values that are absent or
 * null are transformers' defaults.
 *
 * @param doSample whether tokens are drawn
 * @param temperature of drawing
 * @param topK of drawing; 0: no limit
 * @param topP of drawing
 * @param repetitionPenalty 1: none
 * @param maxNewTokens null: the file says nothing of it
 * @param maxLength with the prompt, where there is no {@code maxNewTokens}; null: nothing either
 * @param endTokenIds what ends a text; null: no file says anything of it, not even that nothing
 *     does
 * @param ignored options of the file that would change the text and are not applied
 */
public record GenerationDefaults(
    boolean doSample,
    double temperature,
    int topK,
    double topP,
    double repetitionPenalty,
    @Nullable Integer maxNewTokens,
    @Nullable Integer maxLength,
    @Nullable Set<Integer> endTokenIds,
    Set<String> ignored) {
  /** The name of the file. */
  public static final String FILE_NAME = "generation_config.json";

  private static final int DEFAULT_TOP_K = 50;
  private static final String EOS = "eos_token_id";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  /** Options that change the text, by the value that changes nothing. */
  private static final Map<String, List<String>> NOT_APPLIED =
      Map.ofEntries(
          Map.entry("num_beams", List.of("1")),
          Map.entry("num_beam_groups", List.of("1")),
          Map.entry("min_p", List.of("0", "0.0")),
          Map.entry("typical_p", List.of("1", "1.0")),
          Map.entry("epsilon_cutoff", List.of("0", "0.0")),
          Map.entry("eta_cutoff", List.of("0", "0.0")),
          Map.entry("top_h", List.of()),
          Map.entry("penalty_alpha", List.of("0", "0.0")),
          Map.entry("encoder_repetition_penalty", List.of("1", "1.0")),
          Map.entry("no_repeat_ngram_size", List.of("0")),
          Map.entry("encoder_no_repeat_ngram_size", List.of("0")),
          Map.entry("min_length", List.of("0")),
          Map.entry("min_new_tokens", List.of("0")),
          Map.entry("bad_words_ids", List.of("[]")),
          Map.entry("force_words_ids", List.of("[]")),
          Map.entry("sequence_bias", List.of("{}", "[]")),
          Map.entry("suppress_tokens", List.of("[]")),
          Map.entry("begin_suppress_tokens", List.of("[]")),
          Map.entry("forced_bos_token_id", List.of()),
          Map.entry("forced_eos_token_id", List.of()),
          Map.entry("exponential_decay_length_penalty", List.of()),
          Map.entry("guidance_scale", List.of("1", "1.0")),
          Map.entry("stop_strings", List.of("[]")),
          Map.entry("watermarking_config", List.of()),
          Map.entry("dola_layers", List.of()));

  /**
   * Reads the files' texts.
   *
   * @param configJson the model's config.json
   * @param generationConfigJson its generation_config.json; null: there is none
   * @throws ConfigException naming every value that cannot be
   */
  public static GenerationDefaults parse(String configJson, @Nullable String generationConfigJson) {
    ObjectNode config = object(configJson, "config.json");
    if (generationConfigJson == null) {
      return new Reader(JSON.createObjectNode()).read(ends(config.get(EOS), "config.json"));
    }
    ObjectNode generation = object(generationConfigJson, FILE_NAME);
    JsonNode own = generation.get(EOS);
    // One that was made of config.json by a program decides nothing of its own.
    boolean derived = generation.path("_from_model_config").asBoolean(false);
    Set<Integer> ends =
        own == null || own.isNull()
            ? derived ? ends(config.get(EOS), "config.json") : Set.of()
            : ends(own, FILE_NAME);
    return new Reader(generation).read(ends);
  }

  private static ObjectNode object(String json, String file) {
    try {
      String text = json.startsWith("\ufeff") ? json.substring(1) : json;
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw new ConfigException(
          "The %s is no JSON object. Correct it or remove it.".formatted(file));
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "The %s is no valid JSON: %s. Correct it or remove it."
              .formatted(file, e.getOriginalMessage()),
          e);
    }
  }

  private static @Nullable Set<Integer> ends(@Nullable JsonNode ids, String file) {
    if (ids == null || ids.isNull()) {
      return null;
    }
    Set<Integer> ends = new TreeSet<>();
    for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
      if (!id.canConvertToInt() || !id.isIntegralNumber()) {
        throw new ConfigException(
            "%s in %s must be a token id or a list of them, but holds %s."
                .formatted(EOS, file, shortened(id)));
      }
      ends.add(id.intValue());
    }
    return ends;
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() <= 100 ? text : text.substring(0, 100) + "...";
  }

  /** Reads generation_config.json, and collects what cannot be. */
  private static final class Reader {
    private final ObjectNode file;
    private final Set<String> problems = new LinkedHashSet<>();

    Reader(ObjectNode file) {
      this.file = file;
    }

    GenerationDefaults read(@Nullable Set<Integer> ends) {
      boolean doSample = file.path("do_sample").asBoolean(false);
      GenerationDefaults defaults =
          new GenerationDefaults(
              doSample,
              number("temperature", 1, 0, Double.MAX_VALUE),
              integer("top_k", DEFAULT_TOP_K, 0),
              number("top_p", 1, Double.MIN_VALUE, 1),
              number("repetition_penalty", 1, Double.MIN_VALUE, Double.MAX_VALUE),
              has("max_new_tokens") ? (Integer) integer("max_new_tokens", 1, 1) : null,
              has("max_length") ? (Integer) integer("max_length", 1, 1) : null,
              ends,
              ignored());
      if (!problems.isEmpty()) {
        throw new ConfigException(
            "The model's %s cannot be used: %s. Correct it, or pass other values."
                .formatted(FILE_NAME, String.join("; ", problems)));
      }
      return defaults;
    }

    private boolean has(String key) {
      return file.hasNonNull(key);
    }

    private double number(String key, double fallback, double least, double most) {
      if (!has(key)) {
        return fallback;
      }
      JsonNode value = file.get(key);
      double number = value.isNumber() ? value.doubleValue() : Double.NaN;
      if (number >= least && number <= most) {
        return number;
      }
      problems.add("%s is %s".formatted(key, shortened(value)));
      return fallback;
    }

    private int integer(String key, int fallback, int least) {
      if (!has(key)) {
        return fallback;
      }
      JsonNode value = file.get(key);
      if (value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= least) {
        return value.intValue();
      }
      problems.add("%s is %s".formatted(key, shortened(value)));
      return fallback;
    }

    private Set<String> ignored() {
      Set<String> ignored = new TreeSet<>();
      NOT_APPLIED.forEach(
          (key, harmless) -> {
            if (has(key) && !harmless.contains(file.get(key).toString())) {
              ignored.add(key);
            }
          });
      return ignored;
    }
  }
}
