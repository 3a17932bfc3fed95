package dev.penstock.engine.model.family;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LoraOptions;
import dev.penstock.engine.config.LoraOptions.RankScaling;
import dev.penstock.engine.config.LoraOptions.TrainedBias;
import dev.penstock.engine.config.ModuleSelection;
import dev.penstock.engine.config.Quoted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an {@code adapter_config.json} and refuses what it says beyond what is supported. */
final class AdapterConfigReader {
  /** Far above any file of peft's. */
  private static final int MOST_CHARACTERS = 1 << 20;

  /** Peft's, where a file does not say. */
  private static final int DEFAULT_RANK = 8;

  private static final double DEFAULT_ALPHA = 8;

  private static final String EXCLUDED = "exclude_modules";
  private static final String BIAS = "bias";
  private static final String LAYERS = "layers_to_transform";
  private static final String LAYERS_PATTERN = "layers_pattern";
  private static final String TOKENS = "trainable_token_indices";
  private static final String ROOT_SCALING = "use_rslora";
  private static final String MAGNITUDES = "use_dora";
  private static final String RANKS = "rank_pattern";
  private static final String ALPHAS = "alpha_pattern";
  private static final String SAVED = "modules_to_save";
  private static final String ENSURE_TYING = "ensure_weight_tying";

  /** Keys that are read, and keys that change nothing about adapters that are trained. */
  private static final Set<String> KNOWN =
      Set.of(
          "peft_type",
          "peft_version",
          "task_type",
          "auto_mapping",
          AdapterConfig.BASE_MODEL,
          AdapterConfig.REVISION,
          "inference_mode",
          AdapterConfig.RANK,
          AdapterConfig.ALPHA,
          AdapterConfig.DROPOUT,
          AdapterConfig.TARGETS,
          EXCLUDED,
          BIAS,
          AdapterConfig.INIT,
          LAYERS,
          LAYERS_PATTERN,
          TOKENS,
          ROOT_SCALING,
          MAGNITUDES,
          RANKS,
          ALPHAS,
          SAVED,
          ENSURE_TYING,
          // Peft takes it for false where modules are linear.
          "fan_in_fan_out",
          "eva_config",
          "corda_config",
          "loftq_config",
          "lora_ga_config",
          "megatron_core",
          "qalora_group_size");

  /** Beside true and false. */
  private static final List<String> INITS = List.of("gaussian", "eva", "orthogonal");

  /** Beginnings of those that change the weights of the model at each loading. */
  private static final List<String> CHANGING_INITS =
      List.of("pissa", "olora", "loftq", "corda", "lora_ga");

  private final ConfigReader config;

  private AdapterConfigReader(ConfigReader config) {
    this.config = config;
  }

  /**
   * Reads the text.
   *
   * @param subject what errors are about
   * @throws ConfigException listing all that is missing or not supported
   */
  static AdapterConfig read(String json, String subject) {
    if (json.length() > MOST_CHARACTERS) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "%s has %,d characters, more than any file of peft's.",
              subject,
              json.length()));
    }
    ConfigReader config = ConfigReader.parse(json, subject);
    if (!config.text("peft_type", "").equals("LORA")) {
      config.unsupported("peft_type", List.of("LORA"));
      config.throwIfAny();
    }
    return new AdapterConfigReader(config).read(json);
  }

  private AdapterConfig read(String json) {
    refuseVariants();
    int rank = config.positive(AdapterConfig.RANK, DEFAULT_RANK);
    double alpha = config.number(AdapterConfig.ALPHA, DEFAULT_ALPHA);
    double dropout = config.number(AdapterConfig.DROPOUT, 0);
    ModuleSelection targets = selection(AdapterConfig.TARGETS);
    ModuleSelection excluded = selection(EXCLUDED);
    if (config.isOff(AdapterConfig.TARGETS)) {
      config.problem("'%s' names no module".formatted(AdapterConfig.TARGETS));
    }
    List<Integer> layers = layers(targets);
    LoraOptions options =
        new LoraOptions(
            config.flag(ROOT_SCALING, false) ? RankScaling.ROOT : RankScaling.LINEAR,
            config.flag(MAGNITUDES, false),
            bias(),
            values(RANKS, config.section(RANKS)::positive),
            values(ALPHAS, config.section(ALPHAS)::number),
            layers,
            config.isOff(LAYERS_PATTERN) ? List.of() : config.textOrTexts(LAYERS_PATTERN),
            config.textOrTexts(SAVED),
            config.flag(ENSURE_TYING, false),
            tokens(),
            json);
    config.throwIfAny();
    return new AdapterConfig(
        new LoraConfig(rank, alpha, dropout, targets, excluded, false, options),
        text(AdapterConfig.BASE_MODEL),
        text(AdapterConfig.REVISION));
  }

  private @Nullable String text(String key) {
    return config.has(key) ? config.text(key, "") : null;
  }

  /** A key of a variant, also of one to come, is refused unless it says nothing. */
  private void refuseVariants() {
    for (String key : config.keys()) {
      if (!KNOWN.contains(key) && !config.isOff(key)) {
        config.unsupported(key, List.of("null"));
      }
    }
    String init = config.text(AdapterConfig.INIT, "true");
    if (CHANGING_INITS.stream().anyMatch(init::startsWith)) {
      config.problem(
          "'%s' = \"%s\" changes the weights of the model whenever the adapters are loaded, and the folder does not hold what it makes of them. Save them in peft with path_initial_model_for_weight_conversion, or merge them"
              .formatted(AdapterConfig.INIT, Quoted.plain(init)));
    } else if (!init.equals("true") && !init.equals("false") && !INITS.contains(init)) {
      config.unsupported(AdapterConfig.INIT, INITS);
    }
  }

  /** A list has names; a single text is a pattern. */
  private ModuleSelection selection(String key) {
    if (config.isOff(key)) {
      return ModuleSelection.NONE;
    }
    List<String> texts = config.textOrTexts(key);
    return config.isText(key)
        ? ModuleSelection.ofRegex(texts.get(0))
        : ModuleSelection.ofNames(texts);
  }

  private TrainedBias bias() {
    return switch (config.text(BIAS, "none")) {
      case "none" -> TrainedBias.NONE;
      case "lora_only" -> TrainedBias.LORA_ONLY;
      case "all" -> TrainedBias.ALL;
      default -> {
        config.unsupported(BIAS, List.of("none", "lora_only", "all"));
        yield TrainedBias.NONE;
      }
    };
  }

  private List<Integer> layers(ModuleSelection targets) {
    List<Integer> layers = config.wholeOrWholes(LAYERS);
    boolean some = !layers.isEmpty();
    if (targets.kind() == ModuleSelection.Kind.REGEX && (some || !config.isOff(LAYERS_PATTERN))) {
      config.problem(
          "'%s' and '%s' need a list in '%s', not a pattern, in peft too"
              .formatted(LAYERS, LAYERS_PATTERN, AdapterConfig.TARGETS));
    } else if (!some && !config.isOff(LAYERS_PATTERN)) {
      config.problem("'%s' needs '%s', in peft too".formatted(LAYERS_PATTERN, LAYERS));
    }
    return layers;
  }

  private interface Value<T> {
    T of(String key);
  }

  private <T> Map<String, T> values(String key, Value<T> value) {
    Map<String, T> values = new LinkedHashMap<>();
    config.section(key).keys().forEach(pattern -> values.put(pattern, value.of(pattern)));
    return values;
  }

  /** A list means the embedding; an object names the modules. */
  private List<Integer> tokens() {
    if (config.isOff(TOKENS)) {
      return List.of();
    }
    if (!config.isObject(TOKENS)) {
      return config.wholeOrWholes(TOKENS);
    }
    ConfigReader modules = config.section(TOKENS);
    @Nullable String embedding = null;
    for (String module : modules.keys()) {
      if (!ModuleSelection.isNameOf(module, "model.embed_tokens") || embedding != null) {
        config.unsupported(TOKENS, List.of("tokens of embed_tokens"));
      }
      embedding = module;
    }
    return embedding == null ? List.of() : modules.wholeOrWholes(embedding);
  }
}
