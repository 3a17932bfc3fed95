package dev.penstock.engine.model;

import static dev.penstock.engine.model.TensorShape.Init.ONES;
import static dev.penstock.engine.model.TensorShape.Init.ZEROS;

import dev.penstock.engine.model.TensorShape.Init;
import java.util.ArrayList;
import java.util.List;

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

  private static final String LAYER_PREFIX = "model.layers.";

  private final DecoderSpec spec;

  public DecoderTensors(DecoderSpec spec) {
    this.spec = spec;
  }

  /** Name of a decoder layer. */
  public static String layerName(int layer) {
    return LAYER_PREFIX + layer;
  }

  /** The layer number in a layer's name, or -1 for any other module. */
  public static int layerNumber(String module) {
    return module.startsWith(LAYER_PREFIX)
        ? Integer.parseInt(module.substring(LAYER_PREFIX.length()))
        : -1;
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

  /**
   * The weights of a module. A tied head has the embedding's weight, under the embedding's name.
   *
   * @param module one of {@link #modules}; {@code model.rotary_emb} has no weights
   */
  public List<TensorShape> of(String module) {
    return switch (module) {
      case EMBEDDING -> List.of(embedding());
      case FINAL_NORM -> List.of(norm(FINAL_NORM + ".weight", spec.hiddenSize()));
      case HEAD ->
          List.of(
              spec.tiedEmbeddings()
                  ? embedding()
                  : TensorShape.matrix(HEAD + ".weight", spec.vocabSize(), spec.hiddenSize()));
      case "model.rotary_emb" -> List.of();
      default -> layer(module);
    };
  }

  /** Every weight of the model once, in the order of the forward pass. */
  public List<TensorShape> all() {
    return modules().stream().flatMap(module -> of(module).stream()).distinct().toList();
  }

  private TensorShape embedding() {
    return TensorShape.matrix(EMBEDDING + ".weight", spec.vocabSize(), spec.hiddenSize());
  }

  private TensorShape norm(String name, long size) {
    return TensorShape.vector(name, size, spec.norm().unitOffset() ? ZEROS : ONES);
  }

  private List<TensorShape> layer(String module) {
    if (layerNumber(module) < 0 || layerNumber(module) >= spec.numLayers()) {
      throw new IllegalArgumentException(
          "Unknown module '%s'. A model with %d layers has the modules %s."
              .formatted(module, spec.numLayers(), modules()));
    }
    List<TensorShape> tensors = new ArrayList<>();
    attention(tensors, module + ".self_attn.");
    feedForward(tensors, module + ".mlp.");
    for (String name : layerNorms(spec.blockNorms())) {
      tensors.add(norm(module + "." + name + ".weight", spec.hiddenSize()));
    }
    return List.copyOf(tensors);
  }

  private void attention(List<TensorShape> tensors, String prefix) {
    AttentionSpec attention = spec.attention();
    long query = (long) attention.numHeads() * attention.headDim();
    long keyValue = (long) attention.numKvHeads() * attention.headDim();
    if (attention.fusedQkv()) {
      linear(tensors, attention.qkvBias(), prefix, new Out("qkv_proj", query + 2 * keyValue));
    } else {
      linear(
          tensors,
          attention.qkvBias(),
          prefix,
          new Out("q_proj", query),
          new Out("k_proj", keyValue),
          new Out("v_proj", keyValue));
    }
    tensors.add(TensorShape.matrix(prefix + "o_proj.weight", spec.hiddenSize(), query));
    if (attention.outputBias()) {
      tensors.add(TensorShape.vector(prefix + "o_proj.bias", spec.hiddenSize(), ZEROS));
    }
    switch (attention.qkNorm()) {
      case NONE -> {}
      case PER_HEAD -> {
        tensors.add(norm(prefix + "q_norm.weight", attention.headDim()));
        tensors.add(norm(prefix + "k_norm.weight", attention.headDim()));
      }
      case PER_PROJECTION -> {
        tensors.add(norm(prefix + "q_norm.weight", query));
        tensors.add(norm(prefix + "k_norm.weight", keyValue));
      }
    }
  }

  private void feedForward(List<TensorShape> tensors, String prefix) {
    MlpSpec mlp = spec.mlp();
    long width = mlp.intermediateSize();
    if (mlp.fusedGateUp()) {
      linear(tensors, mlp.bias(), prefix, new Out("gate_up_proj", 2 * width));
    } else {
      linear(tensors, mlp.bias(), prefix, new Out("gate_proj", width), new Out("up_proj", width));
    }
    tensors.add(TensorShape.matrix(prefix + "down_proj.weight", spec.hiddenSize(), width));
    if (mlp.bias()) {
      tensors.add(TensorShape.vector(prefix + "down_proj.bias", spec.hiddenSize(), ZEROS));
    }
  }

  private record Out(String name, long features) {}

  /**
   * Projections of the hidden state: all weights, then all biases, so that each kind is adjacent.
   */
  private void linear(List<TensorShape> tensors, boolean bias, String prefix, Out... projections) {
    for (Out out : projections) {
      tensors.add(
          TensorShape.matrix(prefix + out.name + ".weight", out.features, spec.hiddenSize()));
    }
    if (bias) {
      for (Out out : projections) {
        tensors.add(TensorShape.vector(prefix + out.name + ".bias", out.features, Init.ZEROS));
      }
    }
  }

  /** Names of a layer's norms in Hugging Face's order. */
  static List<String> layerNorms(BlockNorms blockNorms) {
    return switch (blockNorms) {
      case PRE -> List.of("input_layernorm", "post_attention_layernorm");
      case POST -> List.of("post_attention_layernorm", "post_feedforward_layernorm");
      case SANDWICH ->
          List.of(
              "input_layernorm",
              "post_attention_layernorm",
              "pre_feedforward_layernorm",
              "post_feedforward_layernorm");
    };
  }
}
