package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Causal grouped-query self-attention (Ainslie et al. 2023, arXiv:2305.13245).
 *
 * <p>Shape suffixes: B = rows, T = tokens, D = hidden size, N = heads (K = key and value heads), H
 * = head dimension.
 */
final class Attention {
  private final AttentionSpec spec;
  private final LayerSpec layer;
  private final StageContext context;
  private final Linear queryKeyValue;
  private final Linear output;
  private final @Nullable RmsNorm queryNorm;
  private final @Nullable RmsNorm keyNorm;
  private final CausalAttention causal;
  private final BlockedAttention blocked;
  private final @Nullable Dropout dropout;

  Attention(
      ParameterArena arena,
      String prefix,
      DecoderSpec decoder,
      LayerSpec layer,
      StageContext context) {
    this.spec = decoder.attention();
    this.layer = layer;
    this.context = context;
    queryKeyValue =
        spec.fusedQkv()
            ? Linear.of(arena, prefix + "qkv_proj")
            : Linear.of(arena, prefix + "q_proj", prefix + "k_proj", prefix + "v_proj");
    output = Linear.of(arena, prefix + "o_proj");
    boolean normalized = spec.qkNorm() != QkNorm.NONE;
    queryNorm = normalized ? new RmsNorm(arena, prefix + "q_norm", decoder.norm()) : null;
    keyNorm = normalized ? new RmsNorm(arena, prefix + "k_norm", decoder.norm()) : null;
    causal = CausalAttention.of(spec, layer, context.masks());
    blocked = new BlockedAttention(spec, layer.slidingWindow(), context.masks());
    dropout =
        Dropout.of(decoder.dropout(), DropoutSpec.Place.ATTENTION, prefix + "attention_dropout");
  }

  /**
   * [B, T, D] to [B, T, D], in the caller's PointerScope.
   *
   * @param documents lie in the one row that {@code x} then has; null: a row is a document
   */
  Tensor forward(
      Tensor x_BTD,
      @Nullable DocumentLayout documents,
      @Nullable WeightGradientStore weightGradients) {
    if (weightGradients != null && isByHand(x_BTD, weightGradients)) {
      return byHand(x_BTD, documents, weightGradients);
    }
    Tensor projected = queryKeyValue.forward(x_BTD, weightGradients);
    Heads heads = heads(projected, documents, weightGradients);
    Dropout.Draw draw = Dropout.draw(dropout, weightGradients, heads.queries);
    long[] sizes = sizes(x_BTD, documents);
    // A layer that will run again does it as it will then, to come to the same.
    boolean byBlocks =
        !GradMode.is_enabled()
            && context.cache() == null
            && (weightGradients == null || isWhole())
            && draw == null
            && blocked.suits(heads.queries, sizes);
    Tensor mixed_BTD =
        byBlocks
            ? joined(blocked.attend(heads.queries, heads.keys, heads.values, sizes).mixed())
            : mix(heads, documents, draw);
    return output.forward(mixed_BTD, weightGradients);
  }

  private boolean isByHand(Tensor x, WeightGradientStore weightGradients) {
    boolean trains = x.requires_grad() || queryKeyValue.isTrained() || output.isTrained();
    return trains
        && weightGradients.isRecording()
        && isWhole()
        && CustomGradients.suit(x, weightGradients);
  }

  private boolean isWhole() {
    return queryKeyValue.isWhole() && output.isWhole();
  }

  private static long[] sizes(Tensor x_BTD, @Nullable DocumentLayout documents) {
    return documents == null ? new long[] {x_BTD.size(1)} : documents.sizes();
  }

  /** The projections by hand, and what is between them by hand too or in a graph of its own. */
  private Tensor byHand(
      Tensor x_BTD, @Nullable DocumentLayout documents, WeightGradientStore weightGradients) {
    Tensor result;
    try (PointerScope scope = new PointerScope()) {
      Tensor projected;
      try (NoGradGuard noGrad = new NoGradGuard()) {
        projected = queryKeyValue.multiply(x_BTD);
      }
      projected.requires_grad_(true);
      Heads heads = heads(projected, documents, weightGradients);
      Dropout.Draw draw = Dropout.draw(dropout, weightGradients, heads.queries);
      long[] sizes = sizes(x_BTD, documents);
      result =
          draw == null && blocked.suits(heads.queries, sizes)
              ? byBlocks(x_BTD, projected, heads, sizes, weightGradients)
              : byGraph(x_BTD, projected, mix(heads, documents, draw), weightGradients);
      result.retainReference();
    }
    return HostTensors.attach(result);
  }

  private Tensor byGraph(
      Tensor x_BTD, Tensor projected, Tensor mixed_BTD, WeightGradientStore weightGradients) {
    return weightGradients
        .customGradients()
        .attach(
            x_BTD,
            multiplied(mixed_BTD),
            (gradient, saved) -> {
              Tensor mixed = saved[2];
              output.leaveGradient(mixed.detach(), gradient, weightGradients);
              mixed.backward(
                  output.inputGradient(gradient),
                  new BoolOptional(),
                  false,
                  new TensorArrayRefOptional());
              return backward(saved[0], saved[1], weightGradients);
            },
            x_BTD.detach(),
            projected,
            mixed_BTD);
  }

  private Tensor byBlocks(
      Tensor x_BTD,
      Tensor projected,
      Heads heads,
      long[] documents,
      WeightGradientStore weightGradients) {
    BlockedAttention.Mixed mixed;
    try (NoGradGuard noGrad = new NoGradGuard()) {
      mixed = blocked.attend(heads.queries, heads.keys, heads.values, documents);
    }
    return weightGradients
        .customGradients()
        .attach(
            x_BTD,
            multiplied(joined(mixed.mixed())),
            (gradient, saved) -> {
              Tensor joined = joined(saved[5]);
              output.leaveGradient(joined, gradient, weightGradients);
              Tensor ofMixed = context.types().intoAttention(output.inputGradient(gradient));
              Tensor[] ofHeads =
                  blocked.backward(
                      new BlockedAttention.Mixed(
                          saved[2].detach(),
                          saved[3].detach(),
                          saved[4].detach(),
                          saved[5],
                          saved[6],
                          documents),
                      ofMixed.view_as(saved[5]));
              torch.backward(
                  new TensorVector(saved[2], saved[3], saved[4]),
                  new TensorVector(ofHeads),
                  new BoolOptional(),
                  false,
                  new TensorVector());
              return backward(saved[0], saved[1], weightGradients);
            },
            x_BTD.detach(),
            projected,
            heads.queries,
            heads.keys,
            heads.values,
            mixed.mixed(),
            mixed.logSums());
  }

  private Tensor multiplied(Tensor mixed_BTD) {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      return output.multiply(mixed_BTD);
    }
  }

  /** From the gradient that the projections have by now to that of their input. */
  private Tensor backward(Tensor x_BTD, Tensor projected, WeightGradientStore weightGradients) {
    Tensor gradient = projected.grad();
    queryKeyValue.leaveGradient(x_BTD, gradient, weightGradients);
    return queryKeyValue.inputGradient(gradient);
  }

  /**
   * What looks and what is looked at, [B, N or K, T, H], rotated.
   *
   * @param queries from position {@code seen} on
   */
  private record Heads(Tensor queries, Tensor keys, Tensor values, int seen) {}

  /** Cuts queries, keys and values of [B, T, (N + 2 K) H]. */
  private Heads heads(
      Tensor projected,
      @Nullable DocumentLayout documents,
      @Nullable WeightGradientStore weightGradients) {
    long length = projected.size(1);
    long querySize = (long) spec.numHeads() * spec.headDim();
    long keySize = (long) spec.numKvHeads() * spec.headDim();
    TensorVector parts =
        context
            .types()
            .intoAttention(projected)
            .split_with_sizes(new long[] {querySize, keySize, keySize}, -1);
    Tensor q_BNTH = heads(normalize(parts.get(0), queryNorm, weightGradients), spec.numHeads());
    Tensor k_BKTH = heads(normalize(parts.get(1), keyNorm, weightGradients), spec.numKvHeads());
    Tensor v_BKTH = heads(parts.get(2), spec.numKvHeads());
    KeyValueCache cache = context.cache();
    int seen = cache == null ? 0 : cache.length(this);
    if (layer.rope() != null) {
      RotaryTables.Table table =
          documents == null
              ? context.rotaryTables().table(layer.rope(), seen, (int) length)
              : context.rotaryTables().table(layer.rope(), documents);
      q_BNTH = RotaryTables.rotate(q_BNTH, table, weightGradients);
      k_BKTH = RotaryTables.rotate(k_BKTH, table, weightGradients);
    }
    return new Heads(q_BNTH, k_BKTH, v_BKTH, seen);
  }

  /** What is mixed of the values, [B, T, N H]. */
  private Tensor mix(Heads heads, @Nullable DocumentLayout documents, Dropout.@Nullable Draw draw) {
    Tensor k_BKTH = heads.keys;
    Tensor v_BKTH = heads.values;
    KeyValueCache cache = context.cache();
    if (cache != null) {
      KeyValueCache.Seen all = cache.append(this, k_BKTH, v_BKTH);
      k_BKTH = all.keys();
      v_BKTH = all.values();
    }
    Tensor mixed_BTNH;
    if (documents != null) {
      mixed_BTNH = attendEach(documents, heads.queries, k_BKTH, v_BKTH, draw);
    } else if (heads.seen == 0) {
      mixed_BTNH = causal.attend(heads.queries, k_BKTH, v_BKTH, draw);
    } else {
      mixed_BTNH = causal.attendFromLast(heads.queries, k_BKTH, v_BKTH);
    }
    return joined(mixed_BTNH);
  }

  /** [B, T, N, H] to [B, T, N H]. */
  private Tensor joined(Tensor mixed_BTNH) {
    return context.types().outOfAttention(mixed_BTNH.flatten(2, 3));
  }

  /**
   * Attention within each document: as many small squares of scores as there are documents, and no
   * mask that tells them apart.
   */
  private Tensor attendEach(
      DocumentLayout documents, Tensor q, Tensor k, Tensor v, Dropout.@Nullable Draw draw) {
    long[] sizes = documents.sizes();
    // One split, since the gradient of a narrow() is as long as the whole row.
    TensorVector queries = q.split_with_sizes(sizes, 2);
    TensorVector keys = k.split_with_sizes(sizes, 2);
    TensorVector values = v.split_with_sizes(sizes, 2);
    Tensor[] mixed_BTNH = new Tensor[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      mixed_BTNH[i] = causal.attend(queries.get(i), keys.get(i), values.get(i), draw);
    }
    return HostTensors.concatenate(1, mixed_BTNH);
  }

  private Tensor normalize(
      Tensor projection, @Nullable RmsNorm norm, @Nullable WeightGradientStore weightGradients) {
    if (norm == null) {
      return projection;
    }
    if (spec.qkNorm() == QkNorm.PER_PROJECTION) {
      return norm.forward(projection, weightGradients);
    }
    return norm.forward(
        projection.view(projection.size(0), projection.size(1), -1, spec.headDim()),
        weightGradients);
  }

  /** Cuts the last dimension into heads and brings them before the tokens. */
  private Tensor heads(Tensor projection, int numHeads) {
    return projection
        .view(projection.size(0), projection.size(1), numHeads, spec.headDim())
        .transpose(1, 2);
  }
}
