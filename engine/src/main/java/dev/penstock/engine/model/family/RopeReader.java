package dev.penstock.engine.model.family;

import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.rope.DynamicScaling;
import dev.penstock.engine.model.rope.LinearScaling;
import dev.penstock.engine.model.rope.Llama3Scaling;
import dev.penstock.engine.model.rope.LongRopeScaling;
import dev.penstock.engine.model.rope.RopeScaling;
import dev.penstock.engine.model.rope.RopeSpec;
import dev.penstock.engine.model.rope.YarnScaling;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Reads a rotary embedding in both styles: that of transformers 5 ({@code rope_parameters}) and
 * that of transformers 4 ({@code rope_theta} and {@code rope_scaling} with a {@code type} or {@code
 * rope_type}).
 */
final class RopeReader {
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final List<String> TYPES =
      List.of("default", "linear", "dynamic", "yarn", "longrope", "llama3");

  /** What scalings have. A scaling that has no use for one of them leaves it aside. */
  private static final String[] KEYS = {
    "rope_type",
    "type",
    "rope_theta",
    "partial_rotary_factor",
    "factor",
    ORIGINAL,
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "mscale",
    "mscale_all_dim",
    "truncate",
    "finetuned",
    "short_factor",
    "long_factor",
    "low_freq_factor",
    "high_freq_factor"
  };

  private final ConfigReader config;
  private final ConfigReader parameters;
  private final boolean truncate;

  private RopeReader(ConfigReader config, ConfigReader parameters, boolean truncate) {
    this.config = config;
    this.parameters = parameters;
    this.truncate = truncate;
    config.knows(ORIGINAL);
    CommonKeys.refuseUnread(parameters.knows(KEYS));
  }

  /** The one rotary embedding of families whose layers all share it, over the whole head. */
  static RopeSpec shared(ConfigReader config, int headDim) {
    RopeReader reader = flat(config);
    double fraction =
        reader.parameters.number(
            "partial_rotary_factor", config.number("partial_rotary_factor", 1));
    if (fraction != 1) {
      config.problem(
          "'partial_rotary_factor' = %s is not supported for this model_type".formatted(fraction));
    }
    return reader.spec(config.number("rope_theta", 10000), headDim, reader.type());
  }

  /** A reader of the parameters that hold for all layers; of two that are there, the old style. */
  static RopeReader flat(ConfigReader config) {
    config.knows("rope_parameters");
    ConfigReader scaling = config.section("rope_scaling");
    ConfigReader parameters =
        scaling.keys().isEmpty() ? config.section("rope_parameters") : scaling;
    for (String nested : List.of("full_attention", "sliding_attention")) {
      if (parameters.has(nested)) {
        config.problem(
            "rotary embeddings that differ by layer type ('%s') are not supported for this"
                    .formatted(nested)
                + " model_type");
      }
    }
    return new RopeReader(config, parameters, parameters.flag("truncate", true));
  }

  /** A reader of the parameters of one layer type. */
  static RopeReader ofLayerType(ConfigReader config, ConfigReader parameters) {
    // Transformers looks for 'truncate' beside the layer types, not within them.
    boolean truncate = config.section("rope_parameters").flag("truncate", true);
    return new RopeReader(config, parameters, truncate);
  }

  ConfigReader parameters() {
    return parameters;
  }

  /** The name of the scaling. */
  String type() {
    return parameters.text("rope_type", parameters.text("type", "default"));
  }

  /**
   * The rotary embedding.
   *
   * @param theta base, unless the parameters have one
   * @param type name of the scaling
   */
  RopeSpec spec(double theta, int rotaryDim, String type) {
    if (rotaryDim < 2 || rotaryDim % 2 != 0) {
      config.problem("rotary dimensions come in pairs, but there are " + rotaryDim);
    }
    double base = parameters.number("rope_theta", theta);
    RopeSpec spec = new RopeSpec(base, rotaryDim, scaling(type, rotaryDim, base));
    if (!isFinite(spec, 1) || !isFinite(spec, Integer.MAX_VALUE)) {
      config.problem(
          String.format(
              Locale.ROOT,
              "the frequencies of the rotary embedding (%s, theta %s, %d dimensions) are not finite",
              Quoted.plain(type),
              base,
              rotaryDim));
    }
    return spec;
  }

  private static boolean isFinite(RopeSpec spec, int seqLength) {
    boolean finite = Double.isFinite(spec.attentionFactor());
    for (float frequency : spec.inverseFrequencies(seqLength)) {
      finite &= Float.isFinite(frequency);
    }
    return finite;
  }

  private RopeScaling scaling(String type, int rotaryDim, double theta) {
    return switch (type) {
      case "default" -> RopeScaling.NONE;
      case "linear" -> new LinearScaling(parameters.number("factor"));
      case "dynamic" -> new DynamicScaling(parameters.number("factor"), maxPositions());
      case "yarn" -> yarn(theta);
      case "longrope" -> longRope(rotaryDim);
      case "llama3" -> llama3();
      default -> {
        parameters.unsupported(
            parameters.has("rope_type") ? "rope_type" : "type", new TreeSet<>(TYPES));
        yield RopeScaling.NONE;
      }
    };
  }

  private int maxPositions() {
    return config.positive("max_position_embeddings");
  }

  /** Beside the parameters (Phi-3), else in them, else what there is now. */
  private int originalMaxPositions() {
    int inParameters = parameters.positive(ORIGINAL, maxPositions());
    return config.positive(ORIGINAL, inParameters);
  }

  private double factor() {
    return parameters.number("factor", (double) maxPositions() / originalMaxPositions());
  }

  private RopeScaling llama3() {
    double low = parameters.number("low_freq_factor");
    double high = parameters.number("high_freq_factor");
    if (low >= high) {
      config.problem(
          "'high_freq_factor' (%s) must be greater than 'low_freq_factor' (%s)"
              .formatted(high, low));
    }
    return new Llama3Scaling(parameters.number("factor"), low, high, originalMaxPositions());
  }

  private RopeScaling yarn(double theta) {
    if (theta <= 1) {
      config.problem("'rope_theta' = %s must be greater than 1 for yarn".formatted(theta));
    }
    double factor = factor();
    double scale = parameters.number("mscale", 0);
    double scaleAllDim = parameters.number("mscale_all_dim", 0);
    double attentionFactor =
        scale != 0 && scaleAllDim != 0
            ? YarnScaling.defaultAttentionFactor(factor, scale)
                / YarnScaling.defaultAttentionFactor(factor, scaleAllDim)
            : YarnScaling.defaultAttentionFactor(factor, 1);
    return new YarnScaling(
        factor,
        originalMaxPositions(),
        parameters.number("beta_fast", 32),
        parameters.number("beta_slow", 1),
        truncate,
        parameters.number("attention_factor", attentionFactor));
  }

  private RopeScaling longRope(int rotaryDim) {
    double factor = factor();
    double attentionFactor =
        factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalMaxPositions()));
    return new LongRopeScaling(
        factors("short_factor", rotaryDim),
        factors("long_factor", rotaryDim),
        originalMaxPositions(),
        parameters.number("attention_factor", attentionFactor));
  }

  private List<Double> factors(String key, int rotaryDim) {
    List<Double> factors = parameters.numbers(key);
    if (factors.size() != rotaryDim / 2) {
      config.problem(
          String.format(
              Locale.ROOT,
              "'%s' must have %d numbers, one for each pair of rotary dimensions, but has %d",
              key,
              rotaryDim / 2,
              factors.size()));
    }
    return factors.size() == rotaryDim / 2 ? factors : Collections.nCopies(rotaryDim / 2, 1.0);
  }
}
