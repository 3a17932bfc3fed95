package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
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
  private final TensorOptional noMask = new TensorOptional();
  private final DoubleOptional scale;
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
    scale = new DoubleOptional(spec.scale());
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
    long rows = x_BTD.size(0);
    long length = x_BTD.size(1);
    long querySize = (long) spec.numHeads() * spec.headDim();
    long keySize = (long) spec.numKvHeads() * spec.headDim();
    TensorVector parts =
        queryKeyValue
            .forward(x_BTD, weightGradients)
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
    if (cache != null) {
      KeyValueCache.Seen all = cache.append(this, k_BKTH, v_BKTH);
      k_BKTH = all.keys();
      v_BKTH = all.values();
    }
    Tensor mixed_BTNH;
    Dropout.Draw draw = Dropout.draw(dropout, weightGradients, q_BNTH);
    if (documents != null) {
      mixed_BTNH = attendEach(documents, q_BNTH, repeatHeads(k_BKTH), repeatHeads(v_BKTH), draw);
    } else if (seen == 0) {
      int maskLength = (int) length;
      mixed_BTNH =
          attend(q_BNTH, repeatHeads(k_BKTH), repeatHeads(v_BKTH), maskLength, draw)
              .transpose(1, 2);
    } else {
      mixed_BTNH = attendFromLast(q_BNTH, visible(k_BKTH), visible(v_BKTH)).transpose(1, 2);
    }
    return output.forward(mixed_BTNH.reshape(rows, length, querySize), weightGradients);
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
      mixed_BTNH[i] =
          attend(queries.get(i), keys.get(i), values.get(i), documents.rowLength(), draw)
              .transpose(1, 2);
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

  /** Gives each query head its key or value head: [B, K, T, H] to [B, N, T, H]. */
  private Tensor repeatHeads(Tensor x_BKTH) {
    int groups = spec.numHeads() / spec.numKvHeads();
    if (groups == 1) {
      return x_BKTH;
    }
    long rows = x_BKTH.size(0);
    long length = x_BKTH.size(2);
    return x_BKTH
        .unsqueeze(2)
        .expand(rows, spec.numKvHeads(), groups, length, spec.headDim())
        .reshape(rows, spec.numHeads(), length, spec.headDim());
  }

  /** The keys or values that the last position may look at. */
  private Tensor visible(Tensor seen_BKTH) {
    long length = seen_BKTH.size(2);
    int window = layer.slidingWindow();
    return window == 0 || window >= length
        ? seen_BKTH
        : seen_BKTH.narrow(2, length - window, window);
  }

  /**
   * One position that may look at every key: nothing is to be masked, so the query heads that share
   * a key head can stand as the positions of one head, and no key is copied.
   */
  private Tensor attendFromLast(Tensor q_BN1H, Tensor k, Tensor v) {
    if (q_BN1H.size(2) != 1) {
      throw new IllegalStateException("A cache goes on by one token, not by " + q_BN1H.size(2));
    }
    long rows = q_BN1H.size(0);
    Tensor q_BKGH = q_BN1H.reshape(rows, spec.numKvHeads(), -1, spec.headDim());
    return attendToAll(q_BKGH, k, v).reshape(rows, spec.numHeads(), 1, spec.headDim());
  }

  private Tensor attendToAll(Tensor q, Tensor k, Tensor v) {
    if (spec.softcap() == 0) {
      return torch.scaled_dot_product_attention(q, k, v, noMask, 0.0, false, scale, false);
    }
    Tensor scaled = q.mul(new Scalar(spec.scale() / spec.softcap()));
    Tensor scores = torch.matmul(scaled, k.transpose(2, 3)).tanh().mul(new Scalar(spec.softcap()));
    return torch.matmul(torch.softmax(scores, -1), v);
  }

  /**
   * Causal attention.
   *
   * @param maskLength at least as long as the sequence; the mask is made for it, once
   * @param draw drops probabilities; null: none are
   */
  private Tensor attend(Tensor q, Tensor k, Tensor v, int maskLength, Dropout.@Nullable Draw draw) {
    if (spec.softcap() > 0 || draw != null) {
      return attendByScores(q, k, v, maskLength, draw);
    }
    long length = q.size(2);
    if (AttentionMasks.plainlyCausal(length, layer.slidingWindow())) {
      return torch.scaled_dot_product_attention(q, k, v, noMask, 0.0, true, scale, false);
    }
    Tensor mask = context.masks().mask(maskLength, layer.slidingWindow(), length);
    return torch.scaled_dot_product_attention(
        q, k, v, new TensorOptional(mask), 0.0, false, scale, false);
  }

  /**
   * No fused kernel caps the scores (Gemma 2) or drops probabilities by a generator of our own, so
   * they are computed one by one. What can be is multiplied into the queries or added along with
   * the mask, for the scores are the largest tensors of the layer.
   */
  private Tensor attendByScores(
      Tensor q, Tensor k, Tensor v, int maskLength, Dropout.@Nullable Draw draw) {
    long length = q.size(2);
    boolean capped = spec.softcap() > 0;
    Tensor scaled = q.mul(new Scalar(capped ? spec.scale() / spec.softcap() : spec.scale()));
    Tensor products = torch.matmul(scaled, k.transpose(2, 3));
    int window =
        AttentionMasks.plainlyCausal(length, layer.slidingWindow()) ? 0 : layer.slidingWindow();
    Tensor mask = context.masks().mask(maskLength, window, length);
    Tensor scores =
        capped
            ? torch.add(mask, products.tanh(), new Scalar(spec.softcap()))
            : torch.add(products, mask);
    Tensor probabilities = torch.softmax(scores, -1);
    return torch.matmul(draw == null ? probabilities : draw.drop(probabilities), v);
  }
}
