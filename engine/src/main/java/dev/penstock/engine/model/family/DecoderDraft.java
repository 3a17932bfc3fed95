package dev.penstock.engine.model.family;

import dev.penstock.engine.model.Activation;
import dev.penstock.engine.model.AttentionSpec;
import dev.penstock.engine.model.BlockNorms;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DropoutSpec;
import dev.penstock.engine.model.FeedForwardSpec;
import dev.penstock.engine.model.LayerSpec;
import dev.penstock.engine.model.MlpSpec;
import dev.penstock.engine.model.MoeSpec;
import dev.penstock.engine.model.NormSpec;
import dev.penstock.engine.model.QkNorm;
import dev.penstock.engine.model.rope.RopeSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A decoder under construction. It starts as the simplest Llama of the config's sizes, and a family
 * states what it does otherwise.
 */
final class DecoderDraft {
  private static final double MAX_PARAMETERS = 1e15;
  private static final double MAX_WIDTH = 1 << 24;
  private static final double MAX_EXPERTS = 1 << 17;

  private final ConfigReader config;
  private final int headDim;
  private @Nullable Activation activation;
  private boolean qkvBias;
  private boolean outputBias;
  private boolean mlpBias;
  private boolean fusedProjections;
  private QkNorm qkNorm = QkNorm.NONE;
  private double attentionScale;
  private double attentionSoftcap;
  private double logitSoftcap;
  private boolean unitOffsetNorms;
  private BlockNorms blockNorms = BlockNorms.PRE;
  private double embeddingScale = 1;
  private double residualScale = 1;
  private double logitScale = 1;
  private final Map<DropoutSpec.Place, Double> dropout = new EnumMap<>(DropoutSpec.Place.class);
  private final Set<String> dropoutKeys = new HashSet<>();
  private int window;
  private IntPredicate slidingLayers = layer -> false;
  private @Nullable IntFunction<@Nullable RopeSpec> ropes;
  private @Nullable IntFunction<@Nullable FeedForwardSpec> feedForwards;

  DecoderDraft(ConfigReader config) {
    this.config = config;
    headDim = CommonKeys.headDim(config);
    attentionScale = Math.pow(headDim, -0.5);
    dropout(DropoutSpec.Place.ATTENTION, "attention_dropout");
  }

  /** What training drops in a place, by a key of the config. */
  DecoderDraft dropout(DropoutSpec.Place place, String key) {
    double rate = config.number(key, 0);
    if (!(rate >= 0 && rate < 1)) {
      config.problem("'%s' (%s) must be at least 0 and below 1".formatted(key, rate));
    }
    dropout.put(place, rate);
    dropoutKeys.add(key);
    return this;
  }

  int headDim() {
    return headDim;
  }

  /** The activation function, if it is not the one that {@code hidden_act} names. */
  DecoderDraft activation(Activation function) {
    activation = function;
    return this;
  }

  /** Biases of all four attention projections, by {@code attention_bias}. */
  DecoderDraft attentionBias() {
    qkvBias = config.flag("attention_bias", false);
    outputBias = qkvBias;
    return this;
  }

  /** Biases of query, key and value, whatever the config says. */
  DecoderDraft qkvBias() {
    qkvBias = true;
    return this;
  }

  /** Biases of the feed-forward layer, by {@code mlp_bias}. */
  DecoderDraft mlpBias() {
    mlpBias = config.flag("mlp_bias", false);
    return this;
  }

  /** Query, key and value are one tensor of the checkpoint, gate and up another. */
  DecoderDraft fusedProjections() {
    fusedProjections = true;
    return this;
  }

  DecoderDraft qkNorm(QkNorm norm) {
    qkNorm = norm;
    return this;
  }

  DecoderDraft attentionScale(double scale) {
    attentionScale = scale;
    return this;
  }

  /** Caps of attention scores and of logits; 0: none. */
  DecoderDraft softcaps(double attention, double logits) {
    attentionSoftcap = attention;
    logitSoftcap = logits;
    return this;
  }

  /** Where layers normalise, and whether by {@code 1 + weight}. */
  DecoderDraft norms(BlockNorms where, boolean unitOffset) {
    blockNorms = where;
    unitOffsetNorms = unitOffset;
    return this;
  }

  DecoderDraft embeddingScale(double scale) {
    embeddingScale = scale;
    return this;
  }

  DecoderDraft residualScale(double scale) {
    residualScale = scale;
    return this;
  }

  DecoderDraft logitScale(double scale) {
    logitScale = scale;
    return this;
  }

  /** Layers that see a window of so many tokens only; 0: no layer may have one. */
  DecoderDraft slidingWindow(int size, IntPredicate layers) {
    window = size;
    slidingLayers = layers;
    return this;
  }

  /** The rotary embedding of each layer; null: none. */
  DecoderDraft ropes(IntFunction<@Nullable RopeSpec> byLayer) {
    ropes = byLayer;
    return this;
  }

  /** The feed-forward part of each layer; null: the ordinary one. */
  DecoderDraft feedForwards(IntFunction<@Nullable FeedForwardSpec> byLayer) {
    feedForwards = byLayer;
    return this;
  }

  DecoderSpec spec() {
    checkSize();
    CommonKeys.refuseNoise(config, dropoutKeys);
    List<LayerSpec> layers = layers();
    return new DecoderSpec(
        config.text("model_type", ""),
        config.positive("vocab_size"),
        config.positive("hidden_size"),
        layers,
        new AttentionSpec(
            config.positive("num_attention_heads"),
            CommonKeys.numKvHeads(config),
            headDim,
            attentionScale,
            attentionSoftcap,
            qkvBias,
            outputBias,
            qkNorm,
            fusedProjections),
        new NormSpec(config.number("rms_norm_eps", 1e-6), unitOffsetNorms),
        blockNorms,
        embeddingScale,
        residualScale,
        logitScale,
        logitSoftcap,
        config.flag("tie_word_embeddings", false),
        CommonKeys.paddingIndex(config),
        config.number("initializer_range", 0.02),
        longestSequence(layers),
        new DropoutSpec(dropout, 0));
  }

  /** Each size may be possible, but not all of them together. */
  private void checkSize() {
    double hidden = config.positive("hidden_size");
    double heads = config.positive("num_attention_heads");
    double layers = config.positive("num_hidden_layers");
    double experts = 1;
    double width = config.positive("intermediate_size");
    for (int layer = 0; layer < layers && feedForwards != null; layer++) {
      if (feedForwards.apply(layer) instanceof MoeSpec moe) {
        experts = moe.numExperts();
        width = Math.max(width, experts * moe.intermediateSize());
      }
    }
    double layer = 4 * hidden * heads * headDim + 3 * hidden * width;
    double parameters = 2 * hidden * config.positive("vocab_size") + layers * layer;
    if (parameters > MAX_PARAMETERS
        || heads * headDim > MAX_WIDTH
        || layers * experts > MAX_EXPERTS) {
      config.problem(
          String.format(
              Locale.ROOT,
              "the sizes multiply to about %.1e parameters, %.0f experts and projections %.0f wide, more than can be computed",
              parameters,
              layers * experts,
              heads * headDim));
    }
  }

  private List<LayerSpec> layers() {
    IntFunction<@Nullable RopeSpec> rope = ropes == null ? sharedRope() : ropes;
    MlpSpec mlp =
        new MlpSpec(
            config.positive("intermediate_size"),
            activation == null ? CommonKeys.activation(config, "hidden_act", "silu") : activation,
            mlpBias,
            fusedProjections);
    List<LayerSpec> layers = new ArrayList<>();
    for (int layer = 0; layer < config.positive("num_hidden_layers"); layer++) {
      boolean sliding = slidingLayers.test(layer);
      if (sliding && window == 0) {
        config.problem("layers have sliding attention, but 'sliding_window' is not set");
      }
      FeedForwardSpec other = feedForwards == null ? null : feedForwards.apply(layer);
      layers.add(
          new LayerSpec(sliding ? window : 0, rope.apply(layer), other == null ? mlp : other));
    }
    return layers;
  }

  private IntFunction<@Nullable RopeSpec> sharedRope() {
    RopeSpec shared = RopeReader.shared(config, headDim);
    return layer -> shared;
  }

  /** As long as every rotary embedding allows. */
  private int longestSequence(List<LayerSpec> layers) {
    int maxPositions = config.positive("max_position_embeddings");
    Set<RopeSpec> distinct = new HashSet<>();
    layers.forEach(layer -> distinct.add(layer.rope()));
    distinct.remove(null);
    return distinct.stream()
        .mapToInt(rope -> rope.scaling().longestSequence(maxPositions))
        .min()
        .orElse(maxPositions);
  }
}
