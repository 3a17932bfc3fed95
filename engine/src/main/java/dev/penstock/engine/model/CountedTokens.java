package dev.penstock.engine.model;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a microbatch that its loss is of, in the PointerScope that made them.
 *
 * <p>Shape suffixes: S = tokens of all rows, N = tokens that count, D = hidden size.
 *
 * @param places_N where they are among all tokens; null: all count
 * @param hidden_ND their hidden states, outside autograd
 * @param ids_N their targets
 * @param weights_N the weight of each, float32; null: all weigh 1
 * @param all number of all tokens
 */
record CountedTokens(
    @Nullable Tensor places_N,
    Tensor hidden_ND,
    Tensor ids_N,
    @Nullable Tensor weights_N,
    long all) {

  /**
   * Picks them.
   *
   * @param targets as {@link TokenCrossEntropy} has them
   */
  static CountedTokens of(Tensor hidden_BTD, Tensor targets) {
    boolean weighted = targets.dim() == 3;
    Tensor ids_S = (weighted ? targets.select(1, 0).to(ScalarType.Long) : targets).reshape(-1);
    Tensor hidden_SD = hidden_BTD.detach().reshape(-1, hidden_BTD.size(-1));
    Tensor counts_S = ids_S.ne(new Scalar(TokenCrossEntropy.IGNORE));
    Tensor weights_S = null;
    if (weighted) {
      weights_S = targets.select(1, 1).reshape(-1);
      counts_S = counts_S.logical_and(weights_S.ne(new Scalar(0)));
    }
    Tensor places_N = torch.nonzero(counts_S).squeeze(1);
    long all = ids_S.size(0);
    return places_N.size(0) == all
        ? new CountedTokens(null, hidden_SD, ids_S, weights_S, all)
        : new CountedTokens(
            places_N,
            hidden_SD.index_select(0, places_N),
            ids_S.index_select(0, places_N),
            weights_S == null ? null : weights_S.index_select(0, places_N),
            all);
  }

  long size() {
    return ids_N.size(0);
  }

  /** A run of them. */
  CountedTokens slice(long begin, long size) {
    return new CountedTokens(
        null,
        hidden_ND.narrow(0, begin, size),
        ids_N.narrow(0, begin, size),
        weights_N == null ? null : weights_N.narrow(0, begin, size),
        size);
  }

  /** Weighted sum of one number a token, in float64. */
  Tensor sum(Tensor values_N) {
    Tensor exact_N = values_N.to(ScalarType.Double);
    return weights_N == null ? exact_N.sum() : torch.dot(exact_N, weights_N.to(ScalarType.Double));
  }

  /** Puts what is known of each of them among zeros for the others. */
  Tensor amongAll(Tensor values_N) {
    if (places_N == null) {
      return values_N;
    }
    long[] shape = values_N.dim() == 1 ? new long[] {all} : new long[] {all, values_N.size(1)};
    return torch.zeros(shape, values_N.options()).index_copy_(0, places_N, values_N);
  }
}
