package dev.penstock.engine.model;

import dev.penstock.engine.torch.Processor;
import dev.penstock.engine.torch.Threads;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Causal attention on a CPU by blocks of queries, each over the keys up to its last one, with its
 * gradient by hand: the probabilities of a block are computed again in the backward pass, from the
 * logarithms of their sums (Dao et al. 2022, arXiv:2205.14135; Dao 2023, arXiv:2307.08691). Few
 * large products take less time than the many small ones of torch's fused kernel where OpenBLAS
 * multiplies.
 *
 * <p>Query heads that share a key head stand as the positions of one head. Not differentiable: call
 * under no-grad. Results are in the caller's PointerScope.
 *
 * <p>Shape suffixes as in {@link Attention}; G = query heads of a key head, C = queries of a block,
 * S = keys that they may see.
 */
final class BlockedAttention {
  /** Queries of a block. */
  static final int BLOCK = 128;

  /** Scores of a block up to which it is faster. */
  private static final long MOST_SCORES = 1L << 22;

  private static final long[] LAST = {-1};
  private static final Scalar ZERO = new Scalar(0.0).retainReference();
  private static final Scalar ONE = new Scalar(1.0).retainReference();

  private final AttentionSpec spec;
  private final int window;
  private final AttentionMasks masks;

  /**
   * What the backward pass needs.
   *
   * @param queries [B, N, T, H]
   * @param keys [B, K, T, H]
   * @param values [B, K, T, H]
   * @param mixed [B, T, N, H], what is mixed of the values
   * @param logSums [B K, G, T, 1]
   * @param documents tokens of each document, along T
   */
  record Mixed(
      Tensor queries, Tensor keys, Tensor values, Tensor mixed, Tensor logSums, long[] documents) {}

  /**
   * Makes the attention of a layer.
   *
   * @param window tokens a position may attend to, itself included; 0: all before it
   */
  BlockedAttention(AttentionSpec spec, int window, AttentionMasks masks) {
    this.spec = spec;
    this.window = window;
    this.masks = masks;
  }

  /** Whether this attention is possible, and faster. */
  boolean suits(Tensor q_BNTH, long[] documents) {
    long longest = Arrays.stream(documents).max().orElse(0);
    return spec.softcap() == 0
        && (window == 0 || window >= longest)
        && q_BNTH.is_cpu()
        && q_BNTH.scalar_type().intern() == ScalarType.Float
        && q_BNTH.size(0) * q_BNTH.size(1) * BLOCK * longest <= MOST_SCORES
        && Threads.forProducts() == 1
        && isFaster(Processor.ofThisMachine().instructions());
  }

  /** As measured with AVX2; with AVX-512 it was not. */
  static boolean isFaster(Set<String> instructions) {
    return instructions.contains("avx2") && !instructions.contains("avx512f");
  }

  /**
   * Mixes the values.
   *
   * @param documents tokens of each document: none looks at another
   */
  Mixed attend(Tensor q_BNTH, Tensor k_BKTH, Tensor v_BKTH, long[] documents) {
    Heads heads = new Heads(q_BNTH);
    Tensor mixed_BTNH = heads.empty(spec.numHeads());
    Tensor logSums = q_BNTH.new_empty(heads.batch, heads.group, heads.length, 1);
    Tensor keys = heads.flat(k_BKTH);
    Tensor values = heads.flat(v_BKTH);
    forEachBlock(
        documents,
        (document, first, end) -> {
          Tensor scores = scores(heads, q_BNTH, keys, document, first, end);
          Tensor largest = scores.amax(LAST, true);
          scores.sub_(largest).exp_();
          Tensor sums = scores.sum(LAST, true, new ScalarTypeOptional());
          Tensor mixed = torch.bmm(scores, values.narrow(1, document, end - document)).div_(sums);
          heads.block(mixed_BTNH.transpose(1, 2), first, end).copy_(heads.apart(mixed, first, end));
          logSums
              .narrow(2, first, end - first)
              .copy_(sums.log_().add_(largest).view(heads.batch, heads.group, end - first, 1));
        });
    return new Mixed(q_BNTH, k_BKTH, v_BKTH, mixed_BTNH, logSums, documents);
  }

  /**
   * Takes the gradient of what was mixed back.
   *
   * @param gradient_BTNH of {@link Mixed#mixed}
   * @return those of queries, keys and values, in their shapes
   */
  Tensor[] backward(Mixed forward, Tensor gradient_BTNH) {
    Heads heads = new Heads(forward.queries);
    Tensor gradient_BNTH = gradient_BTNH.transpose(1, 2);
    Tensor query_BTNH = heads.empty(spec.numHeads());
    Tensor key = heads.zeros();
    Tensor value = heads.zeros();
    Tensor keys = heads.flat(forward.keys);
    Tensor values = heads.flat(forward.values);
    Tensor dots_BNT1 =
        gradient_BTNH.mul(forward.mixed).sum(LAST, true, new ScalarTypeOptional()).transpose(1, 2);
    Scalar scale = new Scalar(spec.scale());
    forEachBlock(
        forward.documents,
        (document, first, end) -> {
          long seen = end - document;
          Tensor gradient = heads.together(gradient_BNTH, first, end);
          Tensor query = heads.together(forward.queries, first, end);
          Tensor probabilities =
              scores(heads, forward.queries, keys, document, first, end)
                  .sub_(forward.logSums.narrow(2, first, end - first).reshape(heads.batch, -1, 1))
                  .exp_();
          value
              .narrow(1, document, seen)
              .baddbmm_(probabilities.transpose(1, 2), gradient, ONE, ONE);
          Tensor score =
              torch
                  .bmm(gradient, values.narrow(1, document, seen).transpose(1, 2))
                  .sub_(heads.together(dots_BNT1, first, end))
                  .mul_(probabilities);
          key.narrow(1, document, seen).baddbmm_(score.transpose(1, 2), query, ONE, scale);
          Tensor ofQuery = torch.bmm(score, keys.narrow(1, document, seen)).mul_(scale);
          heads
              .block(query_BTNH.transpose(1, 2), first, end)
              .copy_(heads.apart(ofQuery, first, end));
        });
    return new Tensor[] {query_BTNH.transpose(1, 2), heads.rows(key), heads.rows(value)};
  }

  /** Scaled and masked: [B K, G C, S]. */
  private Tensor scores(
      Heads heads, Tensor q_BNTH, Tensor keys, long document, long first, long end) {
    Tensor query = heads.together(q_BNTH, first, end);
    Tensor seen = keys.narrow(1, document, end - document);
    Tensor scores = q_BNTH.new_empty(query.size(0), query.size(1), end - document);
    scores.baddbmm_(query, seen.transpose(1, 2), ZERO, new Scalar(spec.scale()));
    long queries = end - first;
    scores
        .view(heads.batch, heads.group, queries, end - document)
        .narrow(3, first - document, queries)
        .add_(masks.mask(0, CausalAttention.chunk(0), queries, 0));
    return scores;
  }

  private interface Block {
    /** Queries from {@code first} on look at keys from {@code document} to before {@code end}. */
    void run(long document, long first, long end);
  }

  private static void forEachBlock(long[] documents, Block block) {
    long begin = 0;
    for (long length : documents) {
      for (long first = begin; first < begin + length; first += BLOCK) {
        try (PointerScope scope = new PointerScope()) {
          block.run(begin, first, Math.min(first + BLOCK, begin + length));
        }
      }
      begin += length;
    }
  }

  /** Query heads beside the key head that they share. */
  private final class Heads {
    private final Tensor like;
    private final long rows;
    private final long length;

    /** Key heads of all rows, B K. */
    private final long batch;

    /** Query heads of each, G. */
    private final long group;

    Heads(Tensor q_BNTH) {
      like = q_BNTH;
      rows = q_BNTH.size(0);
      length = q_BNTH.size(2);
      batch = rows * spec.numKvHeads();
      group = spec.numHeads() / spec.numKvHeads();
    }

    /** [B, T, heads, H]. */
    Tensor empty(int heads) {
      return like.new_empty(rows, length, heads, spec.headDim());
    }

    /** [B K, T, H]. */
    Tensor zeros() {
      return like.new_zeros(batch, length, spec.headDim());
    }

    /** [B, K, T, H] to [B K, T, H]. */
    Tensor flat(Tensor x_BKTH) {
      return x_BKTH.reshape(batch, length, spec.headDim());
    }

    /** The other way. */
    Tensor rows(Tensor flat) {
      return flat.view(rows, spec.numKvHeads(), length, spec.headDim());
    }

    /** A block of [B, N, T, _]: [B, K, G, C, _]. */
    Tensor block(Tensor x_BNT_, long first, long end) {
      return x_BNT_.narrow(2, first, end - first).unflatten(1, spec.numKvHeads(), group);
    }

    /** A block of [B, N, T, _]: [B K, G C, _]. */
    Tensor together(Tensor x_BNT_, long first, long end) {
      return block(x_BNT_, first, end).reshape(batch, group * (end - first), x_BNT_.size(3));
    }

    /** The other way: [B, K, G, C, H]. */
    Tensor apart(Tensor together, long first, long end) {
      return together.view(rows, spec.numKvHeads(), group, end - first, spec.headDim());
    }
  }
}
