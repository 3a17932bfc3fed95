package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What each position takes from the positions that it may look at: those before it and itself, or
 * the last of them where there is a window.
 *
 * <p>Whatever needs a mask goes by chunks of queries, each over the keys that any of them may see:
 * so neither a mask nor scores of all positions by all positions are ever there. Fewer key and
 * value heads than query heads are taken as they are.
 *
 * <p>Shape suffixes as in {@link Attention}; C = queries of a chunk, S = keys they may see.
 */
final class CausalAttention {
  private static final int SMALLEST_CHUNK = 128;
  private static final int LARGEST_CHUNK = 512;

  private final AttentionSpec spec;
  private final int window;
  private final int chunk;
  private final AttentionMasks masks;
  private final TensorOptional noMask = new TensorOptional();
  private final DoubleOptional scale;

  /**
   * Makes the attention of a layer.
   *
   * @param window tokens a position may attend to, itself included; 0: all before it
   * @param chunk queries of a chunk
   */
  CausalAttention(AttentionSpec spec, int window, int chunk, AttentionMasks masks) {
    this.spec = spec;
    this.window = window;
    this.chunk = chunk;
    this.masks = masks;
    scale = new DoubleOptional(spec.scale());
  }

  static CausalAttention of(AttentionSpec spec, LayerSpec layer, AttentionMasks masks) {
    return new CausalAttention(spec, layer.slidingWindow(), chunk(layer.slidingWindow()), masks);
  }

  /** Queries of a chunk: few beside a window, for each sees the keys of all. */
  static int chunk(int window) {
    return window == 0
        ? LARGEST_CHUNK
        : Math.min(LARGEST_CHUNK, Math.max(SMALLEST_CHUNK, window / 2));
  }

  /**
   * [B, N, T, H] queries, [B, K, T, H] keys and values to [B, T, N, H], in the caller's
   * PointerScope.
   *
   * @param draw drops probabilities; null: none are
   */
  Tensor attend(Tensor q_BNTH, Tensor k_BKTH, Tensor v_BKTH, Dropout.@Nullable Draw draw) {
    long length = q_BNTH.size(2);
    boolean plainlyCausal = window == 0 || window >= length;
    if (plainlyCausal && spec.softcap() == 0 && draw == null) {
      return fused(q_BNTH, k_BKTH, v_BKTH, noMask, true).transpose(1, 2);
    }
    long[] sizes = new long[(int) ((length + chunk - 1) / chunk)];
    Arrays.fill(sizes, chunk);
    sizes[sizes.length - 1] = length - (sizes.length - 1L) * chunk;
    // One split, since the gradient of a narrow() is as long as the whole row.
    TensorVector queries = q_BNTH.split_with_sizes(sizes, 2);
    TensorVector keys = k_BKTH.split_with_sizes(sizes, 2);
    TensorVector values = v_BKTH.split_with_sizes(sizes, 2);
    Tensor[] mixed_BCNH = new Tensor[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      int first = window == 0 ? 0 : (int) (Math.max(0, i * (long) chunk - window + 1) / chunk);
      Tensor mask_CS = masks.mask(window, chunk, sizes[i], (i - first) * (long) chunk);
      Tensor k_BKSH = joined(keys, first, i);
      Tensor v_BKSH = joined(values, first, i);
      Tensor mixed_BNCH =
          spec.softcap() > 0 || draw != null
              ? byScores(queries.get(i), k_BKSH, v_BKSH, mask_CS, draw)
              : fused(queries.get(i), k_BKSH, v_BKSH, new TensorOptional(mask_CS), false);
      mixed_BCNH[i] = mixed_BNCH.transpose(1, 2);
    }
    return HostTensors.concatenate(1, mixed_BCNH);
  }

  private static Tensor joined(TensorVector parts, int first, int last) {
    if (first == last) {
      return parts.get(last);
    }
    Tensor[] some = new Tensor[last - first + 1];
    Arrays.setAll(some, i -> parts.get(first + i));
    return HostTensors.concatenate(2, some);
  }

  private Tensor fused(Tensor q, Tensor k, Tensor v, TensorOptional mask, boolean causal) {
    // On a GPU the float32 kernels want as many heads of each.
    boolean grouped = q.is_cpu() && spec.numKvHeads() < spec.numHeads();
    return torch.scaled_dot_product_attention(
        q,
        grouped ? k : repeatHeads(k),
        grouped ? v : repeatHeads(v),
        mask,
        0.0,
        causal,
        scale,
        grouped);
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

  /**
   * No fused kernel caps the scores (Gemma 2) or drops probabilities by a generator of our own, so
   * they are computed one by one. What can be is multiplied into the queries or added along with
   * the mask, for the scores are the largest tensors of the layer. Query heads that share a key
   * head stand as the positions of one head.
   */
  private Tensor byScores(
      Tensor q_BNCH, Tensor k_BKSH, Tensor v_BKSH, Tensor mask_CS, Dropout.@Nullable Draw draw) {
    boolean capped = spec.softcap() > 0;
    long rows = q_BNCH.size(0);
    long queries = q_BNCH.size(2);
    long keys = k_BKSH.size(2);
    Tensor scaled_BNCH =
        q_BNCH.mul(new Scalar(capped ? spec.scale() / spec.softcap() : spec.scale()));
    Tensor products_BNCS =
        torch
            .matmul(
                scaled_BNCH.reshape(rows, spec.numKvHeads(), -1, spec.headDim()),
                k_BKSH.transpose(2, 3))
            .view(rows, spec.numHeads(), queries, keys);
    Tensor scores_BNCS =
        capped
            ? torch.add(mask_CS, products_BNCS.tanh(), new Scalar(spec.softcap()))
            : torch.add(products_BNCS, mask_CS);
    Tensor probabilities_BNCS = torch.softmax(scores_BNCS, -1);
    if (draw != null) {
      probabilities_BNCS = draw.drop(probabilities_BNCS);
    }
    return torch
        .matmul(probabilities_BNCS.view(rows, spec.numKvHeads(), -1, keys), v_BKSH)
        .view(rows, spec.numHeads(), queries, spec.headDim());
  }

  /**
   * One position that comes after all keys: [B, N, 1, H] to [B, 1, N, H]. Nothing is to be masked,
   * so the query heads that share a key head can stand as the positions of one head.
   */
  Tensor attendFromLast(Tensor q_BN1H, Tensor k_BKTH, Tensor v_BKTH) {
    if (q_BN1H.size(2) != 1) {
      throw new IllegalStateException("A cache goes on by one token, not by " + q_BN1H.size(2));
    }
    long rows = q_BN1H.size(0);
    Tensor q_BKGH = q_BN1H.reshape(rows, spec.numKvHeads(), -1, spec.headDim());
    return attendToAll(q_BKGH, visible(k_BKTH), visible(v_BKTH))
        .reshape(rows, 1, spec.numHeads(), spec.headDim());
  }

  /** The keys or values that the last position may look at. */
  private Tensor visible(Tensor seen_BKTH) {
    long length = seen_BKTH.size(2);
    return window == 0 || window >= length
        ? seen_BKTH
        : seen_BKTH.narrow(2, length - window, window);
  }

  private Tensor attendToAll(Tensor q, Tensor k, Tensor v) {
    if (spec.softcap() == 0) {
      return torch.scaled_dot_product_attention(q, k, v, noMask, 0.0, false, scale, false);
    }
    Tensor scaled = q.mul(new Scalar(spec.scale() / spec.softcap()));
    Tensor scores = torch.matmul(scaled, k.transpose(2, 3)).tanh().mul(new Scalar(spec.softcap()));
    return torch.matmul(torch.softmax(scores, -1), v);
  }
}
