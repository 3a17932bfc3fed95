package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.torch.AtenOperator;
import dev.penstock.engine.torch.MatrixProduct;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Cross-entropy behind a head, a slice of tokens at a time: the logits of one slice are all that is
 * ever there.
 *
 * <p>In training the backward pass through the head runs with the slice, in the forward pass of the
 * microbatch: the weight's gradient is added at once, and the gradient of the hidden states is kept
 * in place of the logits. A plain head does so in one float32 buffer and without autograd, any
 * other one by autograd on the slice. Where weights are in a half precision, so are the operands
 * and results of the products with them.
 *
 * <p>Shape suffixes: N = counted tokens, C = those of a slice, D = hidden size, V = vocabulary.
 */
final class SlicedCrossEntropy {
  /** Fewer make the weight and its gradient be read too often. */
  private static final long LEAST = 256;

  private static final long MOST = 512;

  /** What the logits of {@link #MOST} tokens may take. */
  private static final long MOST_BYTES = 64L << 20;

  /** Found when it is first needed: the arithmetic of slices loads no natives. */
  private static final class Operators {
    static final AtenOperator LOG_SOFTMAX = AtenOperator.find("aten::_log_softmax", "out");
  }

  private final Head head;
  private final long slice;

  /**
   * Makes the loss behind a head.
   *
   * @param slice tokens of a slice
   */
  SlicedCrossEntropy(Head head, long slice) {
    this.head = head;
    this.slice = slice;
  }

  static SlicedCrossEntropy of(Head head) {
    return new SlicedCrossEntropy(head, slice(head.vocabSize()));
  }

  /** Tokens of a slice. */
  static long slice(long vocabSize) {
    return MOST * vocabSize * Float.BYTES <= MOST_BYTES ? MOST : LEAST;
  }

  /** The loss alone, under no-grad. */
  Tensor evaluate(Tensor hidden_BTD, Tensor targets) {
    CountedTokens tokens = CountedTokens.of(hidden_BTD, targets);
    return tokens.sum(perToken(tokens, null, 0));
  }

  /** The cross-entropy of each token, 0 for those that do not count; under no-grad. */
  Tensor ofTokens(Tensor hidden_BTD, Tensor targets) {
    CountedTokens tokens = CountedTokens.of(hidden_BTD, targets);
    return tokens.amongAll(perToken(tokens, null, 0));
  }

  /**
   * The loss in the graph of the hidden states, with all gradients behind them made.
   *
   * @param pass number of the forward pass
   */
  Tensor train(Tensor hidden_BTD, Tensor targets, long pass) {
    Tensor loss;
    Tensor gradient_SD;
    try (NoGradGuard noGrad = new NoGradGuard()) {
      CountedTokens tokens = CountedTokens.of(hidden_BTD, targets);
      Tensor gradient_ND = torch.empty_like(tokens.hidden_ND());
      loss = tokens.sum(perToken(tokens, gradient_ND, pass));
      gradient_SD = tokens.amongAll(gradient_ND);
    }
    return hidden_BTD.requires_grad() ? withGradient(hidden_BTD, gradient_SD, loss) : loss;
  }

  /** A scalar of this value whose gradient is known: a product with it, the value put in place. */
  private static Tensor withGradient(Tensor input, Tensor gradient, Tensor value) {
    Tensor scalar =
        torch
            .dot(input.reshape(-1).to(ScalarType.Float), gradient.reshape(-1).to(ScalarType.Float))
            .to(ScalarType.Double);
    scalar.detach().copy_(value);
    return scalar;
  }

  /**
   * The cross-entropy of each token, slice by slice.
   *
   * @param gradient_ND where the gradient of the hidden states is put; null: none is made
   */
  private Tensor perToken(CountedTokens tokens, @Nullable Tensor gradient_ND, long pass) {
    Tensor result_N = tokens.ids_N().to(ScalarType.Float);
    boolean plain = head.isPlain();
    for (long begin = 0; begin < tokens.size(); begin += slice) {
      long size = Math.min(slice, tokens.size() - begin);
      try (PointerScope scope = new PointerScope()) {
        CountedTokens part = tokens.slice(begin, size);
        Tensor gradient_CD = gradient_ND == null ? null : gradient_ND.narrow(0, begin, size);
        Tensor result_C = plain ? byHand(part, gradient_CD) : byAutograd(part, gradient_CD, pass);
        result_N.narrow(0, begin, size).copy_(result_C);
      }
    }
    return result_N;
  }

  /** Logits, their softmax and their gradient follow each other in one buffer. */
  private Tensor byHand(CountedTokens tokens, @Nullable Tensor gradient_CD) {
    Tensor operand_CV = MatrixProduct.linear(tokens.hidden_ND(), head.weight(), null);
    ScalarType operands = operand_CV.scalar_type().intern();
    ScalarType exact = torch.promoteTypes(operands, ScalarType.Float).intern();
    Tensor p_CV = operands == exact ? operand_CV : operand_CV.to(exact);
    if (head.logitScale() != 1.0) {
      p_CV.mul_(new Scalar(head.logitScale()));
    }
    Tensor slope_CV = head.logitSoftcap() == 0 ? null : cap(p_CV, gradient_CD != null);
    Operators.LOG_SOFTMAX.call(
        new IValue(p_CV), new IValue(1L), new IValue(false), new IValue(p_CV));
    Tensor ids_C1 = tokens.ids_N().unsqueeze(1);
    Tensor result_C = p_CV.gather(1, ids_C1).squeeze(1).neg();
    if (gradient_CD != null) {
      p_CV.exp_().scatter_add_(1, ids_C1, torch.full_like(result_C, new Scalar(-1)).unsqueeze(1));
      if (tokens.weights_N() != null) {
        p_CV.mul_(tokens.weights_N().unsqueeze(1));
      }
      if (slope_CV != null) {
        p_CV.mul_(slope_CV);
      }
      addGradients(
          tokens.hidden_ND(), operands == exact ? p_CV : operand_CV.copy_(p_CV), gradient_CD);
    }
    return result_C;
  }

  /** Caps logits in place and, if it is wanted, tells the slope of the cap at each. */
  private @Nullable Tensor cap(Tensor logits_CV, boolean wantSlope) {
    Scalar softcap = new Scalar(head.logitSoftcap());
    logits_CV.div_(softcap).tanh_();
    Tensor slope_CV = wantSlope ? logits_CV.square().neg_().add_(new Scalar(1)) : null;
    logits_CV.mul_(softcap);
    return slope_CV;
  }

  private void addGradients(Tensor hidden_CD, Tensor gradient_CV, Tensor gradient_CD) {
    gradient_CD.copy_(MatrixProduct.linear(gradient_CV, head.weight().t(), null));
    if (head.logitScale() != 1.0) {
      gradient_CD.mul_(new Scalar(head.logitScale()));
    }
    Tensor weightGradient = head.weightGradient();
    if (weightGradient != null) {
      WeightGradientStore.addProduct(weightGradient, gradient_CV, hidden_CD, head.logitScale());
    }
  }

  private Tensor byAutograd(CountedTokens tokens, @Nullable Tensor gradient_CD, long pass) {
    if (gradient_CD == null) {
      return TokenCrossEntropy.perToken(head.forward(tokens.hidden_ND(), null), tokens.ids_N());
    }
    try (WeightGradientStore weightGradients = new WeightGradientStore(pass);
        AutoGradMode grad = new AutoGradMode(true)) {
      Tensor hidden_CD = tokens.hidden_ND().detach();
      hidden_CD.requires_grad_(true);
      Tensor result_C =
          TokenCrossEntropy.perToken(head.forward(hidden_CD, weightGradients), tokens.ids_N());
      weightGradients.backwardWhole(() -> tokens.sum(result_C).backward());
      gradient_CD.copy_(requireNonNull(hidden_CD.grad()));
      return result_C.detach();
    }
  }
}
