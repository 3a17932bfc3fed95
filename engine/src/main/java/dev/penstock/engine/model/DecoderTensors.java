package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The weights of each module of a decoder: pure arithmetic on a {@link DecoderSpec}.
 *
 * <p>Weights that one matrix multiplication can serve (query, key and value; gate and up) stand
 * next to each other, so that memory laid out in this order holds them as one matrix.
 */
public final class DecoderTensors {
  /** Name of the embedding module. */
  public static final String EMBEDDING = "model.embed_tokens";

  /** Name of the final norm. */
  public static final String FINAL_NORM = "model.norm";

  /** Name of the output projection. */
  public static final String HEAD = "lm_head";

  /** Name of the embedding's weight. */
  public static final String EMBEDDING_WEIGHT = EMBEDDING + ".weight";

  /** Name of the output projection's weight, unless it is tied. */
  public static final String HEAD_WEIGHT = HEAD + ".weight";

  private static final String LAYER_PREFIX = "model.layers.";

  private final DecoderSpec spec;

  public DecoderTensors(DecoderSpec spec) {
    this.spec = spec;
  }

  /** Name of a decoder layer. */
  public static String layerName(int layer) {
    return LAYER_PREFIX + layer;
  }

  /** Every module that has weights or computes, in the order of the forward pass. */
  public List<String> modules() {
    List<String> modules = new ArrayList<>();
    modules.add(EMBEDDING);
    for (int layer = 0; layer < spec.numLayers(); layer++) {
      modules.add(layerName(layer));
    }
    modules.add(FINAL_NORM);
    modules.add(HEAD);
    return List.copyOf(modules);
  }

  /** The same as fine as it can be cut: every layer as its halves. */
  public List<String> parts() {
    return LayerPart.halved(modules());
  }

  /**
   * The weights of a module. A tied head has the embedding's weight, under the embedding's name.
   *
   * @param module one of {@link #modules} or {@link #parts}; {@code model.rotary_emb} has no
   *     weights
   */
  public List<TensorShape> of(String module) {
    return switch (module) {
      case EMBEDDING -> List.of(embedding());
      case FINAL_NORM -> List.of(spec.norm().weight(FINAL_NORM + ".weight", spec.hiddenSize()));
      case HEAD ->
          List.of(
              spec.tiedEmbeddings()
                  ? embedding()
                  : TensorShape.matrix(HEAD_WEIGHT, spec.vocabSize(), spec.hiddenSize()));
      case "model.rotary_emb" -> List.of();
      default -> layer(module);
    };
  }

  /** Every weight of the model once, in the order of the forward pass. */
  public List<TensorShape> all() {
    return modules().stream().flatMap(module -> of(module).stream()).distinct().toList();
  }

  /**
   * Where weights lie in a file that fuses them, by the weight's own name; see {@link FusedWeight}.
   */
  public Map<String, FusedWeight> fused() {
    Map<String, FusedWeight> fused = new LinkedHashMap<>();
    for (int layer = 0; layer < spec.numLayers(); layer++) {
      if (spec.layers().get(layer).feedForward() instanceof MoeSpec moe) {
        FusedWeight.ofExperts(layerName(layer) + ".", moe, spec.hiddenSize(), fused);
      }
    }
    return fused;
  }

  private TensorShape embedding() {
    return TensorShape.matrix(EMBEDDING_WEIGHT, spec.vocabSize(), spec.hiddenSize());
  }

  private List<TensorShape> layer(String module) {
    LayerPart part = LayerPart.of(module);
    if (part == null || part.layer() >= spec.numLayers()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Unknown module '%s'. A model with %d layers has the modules %s.",
              module,
              spec.numLayers(),
              modules()));
    }
    return new LayerTensors(spec, part).list();
  }
}
