package dev.penstock.engine.model;

import static dev.penstock.engine.model.TensorShape.Init.ZEROS;

import java.util.ArrayList;
import java.util.List;

/**
 * Lists the weights of a decoder layer or of one of its halves, those that are used as one matrix
 * side by side.
 */
final class LayerTensors {
  private final DecoderSpec spec;
  private final LayerPart part;
  private final LayerSpec layer;
  private final String prefix;
  private final List<TensorShape> tensors = new ArrayList<>();

  LayerTensors(DecoderSpec spec, LayerPart part) {
    this.spec = spec;
    this.part = part;
    layer = spec.layers().get(part.layer());
    prefix = DecoderTensors.layerName(part.layer()) + ".";
  }

  List<TensorShape> list() {
    List<String> norms = new ArrayList<>();
    if (part.attention()) {
      attention();
      norms.addAll(spec.blockNorms().aroundAttention());
    }
    if (part.feedForward()) {
      if (layer.feedForward() instanceof MoeSpec moe) {
        experts(moe);
      } else {
        mlp((MlpSpec) layer.feedForward());
      }
      norms.addAll(spec.blockNorms().aroundFeedForward());
    }
    for (String norm : norms) {
      tensors.add(spec.norm().weight(prefix + norm + ".weight", spec.hiddenSize()));
    }
    return List.copyOf(tensors);
  }

  private void attention() {
    AttentionSpec attention = spec.attention();
    String at = "self_attn.";
    long query = (long) attention.numHeads() * attention.headDim();
    long keyValue = (long) attention.numKvHeads() * attention.headDim();
    if (attention.fusedQkv()) {
      inputs(attention.qkvBias(), new Out(at + "qkv_proj", query + 2 * keyValue));
    } else {
      inputs(
          attention.qkvBias(),
          new Out(at + "q_proj", query),
          new Out(at + "k_proj", keyValue),
          new Out(at + "v_proj", keyValue));
    }
    output(attention.outputBias(), at + "o_proj", query);
    switch (attention.qkNorm()) {
      case NONE -> {}
      case PER_HEAD -> queryKeyNorms(at, attention.headDim(), attention.headDim());
      case PER_PROJECTION -> queryKeyNorms(at, query, keyValue);
    }
  }

  private void queryKeyNorms(String at, long querySize, long keySize) {
    tensors.add(spec.norm().weight(prefix + at + "q_norm.weight", querySize));
    tensors.add(spec.norm().weight(prefix + at + "k_norm.weight", keySize));
  }

  private void mlp(MlpSpec mlp) {
    long width = mlp.intermediateSize();
    if (mlp.fusedGateUp()) {
      inputs(mlp.bias(), new Out("mlp.gate_up_proj", 2 * width));
    } else {
      inputs(mlp.bias(), new Out("mlp.gate_proj", width), new Out("mlp.up_proj", width));
    }
    output(mlp.bias(), "mlp.down_proj", width);
  }

  private void experts(MoeSpec moe) {
    MoeSpec.ExpertNames names = moe.names();
    inputs(false, new Out(names.router(), moe.numExperts()));
    for (int number = 0; number < moe.numExperts(); number++) {
      String expert = names.expert(number);
      inputs(
          false,
          new Out(expert + names.gate(), moe.intermediateSize()),
          new Out(expert + names.up(), moe.intermediateSize()));
      output(false, expert + names.down(), moe.intermediateSize());
    }
  }

  private record Out(String name, long features) {}

  /**
   * Projections of the hidden state: all weights, then all biases, so that each kind is adjacent.
   */
  private void inputs(boolean bias, Out... projections) {
    for (Out out : projections) {
      tensors.add(
          TensorShape.matrix(prefix + out.name + ".weight", out.features, spec.hiddenSize()));
    }
    if (bias) {
      for (Out out : projections) {
        tensors.add(TensorShape.vector(prefix + out.name + ".bias", out.features, ZEROS));
      }
    }
  }

  /** A projection to the hidden state. */
  private void output(boolean bias, String name, long features) {
    tensors.add(TensorShape.matrix(prefix + name + ".weight", spec.hiddenSize(), features));
    if (bias) {
      tensors.add(TensorShape.vector(prefix + name + ".bias", spec.hiddenSize(), ZEROS));
    }
  }
}
