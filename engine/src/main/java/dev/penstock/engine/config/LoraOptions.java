package dev.penstock.engine.config;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What files of peft may say of adapters beyond {@link LoraConfig}. Adapters that have any of it
 * are trained on, not begun.
 *
 * @param rankScaling what the adapters' output is multiplied by
 * @param magnitudes whether each adapted weight has a trained magnitude (DoRA, Liu et al. 2024,
 *     arXiv:2402.09353)
 * @param bias which biases of the model are trained
 * @param ranks ranks of modules that have another than the rest, by pattern: the first that fits
 * @param alphas likewise their alphas
 * @param layers the layers that have adapters, as far as names in {@code targetModules} are no
 *     whole names; empty: every layer
 * @param layersPatterns patterns of what contains the layers; empty: anything
 * @param modulesToSave ends of the names of modules that are trained whole
 * @param ensureWeightTying whether a tied head follows what the embedding trains
 * @param trainedTokens rows of the embedding that are trained
 * @param source text of the {@code adapter_config.json} that says all this; null: none does
 */
public record LoraOptions(
    RankScaling rankScaling,
    boolean magnitudes,
    TrainedBias bias,
    Map<String, Integer> ranks,
    Map<String, Double> alphas,
    List<Integer> layers,
    List<String> layersPatterns,
    List<String> modulesToSave,
    boolean ensureWeightTying,
    List<Integer> trainedTokens,
    @Nullable String source)
    implements Serializable {
  /** Which biases of a model with adapters are trained. */
  public enum TrainedBias {
    NONE,
    /** Those of modules with adapters. */
    LORA_ONLY,
    ALL
  }

  /** How an adapter's factor follows from alpha and rank. */
  public enum RankScaling {
    /** {@code alpha / rank}. */
    LINEAR,
    /** {@code alpha / sqrt(rank)} (Kalajdzievski 2023, arXiv:2312.03732). */
    ROOT
  }

  /** Plain adapters. */
  public static final LoraOptions NONE =
      new LoraOptions(
          RankScaling.LINEAR,
          false,
          TrainedBias.NONE,
          Map.of(),
          Map.of(),
          List.of(),
          List.of(),
          List.of(),
          false,
          List.of(),
          null);

  public LoraOptions {
    requireNonNull(rankScaling, "rankScaling is null");
    requireNonNull(bias, "bias is null");
    ranks.forEach(
        (pattern, rank) ->
            ConfigException.check(
                rank >= 1,
                "The rank of '%s' must be at least 1, but is %d.",
                Quoted.plain(pattern),
                rank));
    alphas.values().forEach(LoraConfig::checkAlpha);
    ranks = Collections.unmodifiableMap(new LinkedHashMap<>(ranks));
    alphas = Collections.unmodifiableMap(new LinkedHashMap<>(alphas));
    layers = List.copyOf(layers);
    layersPatterns = List.copyOf(layersPatterns);
    modulesToSave = List.copyOf(modulesToSave);
    trainedTokens = List.copyOf(trainedTokens);
  }

  /** What an adapter's output is multiplied by. */
  public double scale(double alpha, int rank) {
    return alpha / (rankScaling == RankScaling.ROOT ? Math.sqrt(rank) : rank);
  }

  /** Whether weights are trained that only a folder of adapters can bring. */
  public boolean needsFiles() {
    return magnitudes
        || bias != TrainedBias.NONE
        || !modulesToSave.isEmpty()
        || !trainedTokens.isEmpty();
  }
}
