package dev.penstock.engine.model;

import static dev.penstock.engine.model.DecoderTensors.EMBEDDING;

import dev.penstock.engine.torch.HostTensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The rows of tokens, with what {@link LoraSpec} makes of them. */
final class Embedding implements AutoCloseable {
  /**
   * What is added to the rows: {@code scale * A^T[token] B^T}.
   *
   * @param down A, [rank, vocabulary]
   * @param up B, [features, rank]
   */
  private record Adapter(Tensor down, Tensor up, double scale) {
    static @Nullable Adapter of(ParameterArena arena) {
      LoraSpec lora = arena.lora();
      AdapterSpec spec = lora == null ? null : lora.adapters().get(EMBEDDING);
      return spec == null
          ? null
          : new Adapter(
              arena.leaf(LoraSpec.nameOfA(EMBEDDING)),
              arena.leaf(LoraSpec.nameOfB(EMBEDDING)),
              spec.scale());
    }

    Tensor addTo(Tensor rows, Tensor ids, long untrainedRow) {
      Tensor low = torch.embedding(down.t(), ids, untrainedRow, false, false);
      Tensor change = torch.linear(low, up, new TensorOptional());
      return rows.add(change.to(rows.scalar_type()), new Scalar(scale));
    }
  }

  private final Tensor weight;
  private final @Nullable Tensor gradient;
  private final long untrainedRow;
  private final @Nullable Tensor scale;
  private final @Nullable Adapter adapter;
  private final @Nullable TokenRows tokens;

  Embedding(ParameterArena arena, DecoderSpec spec, ComputeTypes types) {
    LoraSpec lora = arena.lora();
    String own = EMBEDDING + ".weight";
    // Where a tied head keeps the embedding as it was, a rank may hold both.
    String name = lora == null ? own : lora.parameterFor(own);
    weight = arena.weight(name);
    gradient = arena.parameter(name).gradientBuffer();
    untrainedRow = spec.paddingIndex();
    // In the model's dtype, as transformers has it: Gemma in bfloat16 depends on the rounding.
    scale = spec.embeddingScale() == 1.0 ? null : scalar(spec.embeddingScale(), types);
    adapter = Adapter.of(arena);
    tokens = TokenRows.of(arena, spec);
  }

  private static Tensor scalar(double value, ComputeTypes types) {
    try (TensorOptions options = types.activationOptions()) {
      return HostTensors.ofDoubles(new double[] {value}, options);
    }
  }

  /** [B, T] to [B, T, D], in the caller's PointerScope. */
  Tensor forward(Tensor ids, @Nullable WeightGradientStore weightGradients) {
    Tensor rows = torch.embedding(weight, ids);
    if (weightGradients != null && gradient != null) {
      rows.requires_grad_(true);
      weightGradients.addEmbedding(ids, rows, gradient, untrainedRow);
    }
    if (adapter != null) {
      rows = adapter.addTo(rows, ids, untrainedRow);
    }
    if (tokens != null) {
      rows = tokens.inEmbedding(ids, rows);
    }
    return scale == null ? rows : rows.mul(scale);
  }

  @Override
  public void close() {
    if (scale != null) {
      scale.close();
    }
    if (tokens != null) {
      tokens.close();
    }
  }
}
