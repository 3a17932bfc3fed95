package dev.penstock.engine.model;

import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where a slice's logits, probabilities and gradients follow each other, in the caller's
 * PointerScope.
 *
 * @param exact_CV in float32 at least, for softmax and sums
 * @param operand_CV in the dtype of the weights, for products with them; the same tensor where that
 *     is exact enough
 */
record LogitBuffer(Tensor exact_CV, Tensor operand_CV) {
  /**
   * Memory for a slice.
   *
   * @param hidden has the dtype and device of the products' operands
   */
  static LogitBuffer of(Tensor hidden, long tokens, long vocabSize) {
    long[] shape = {tokens, vocabSize};
    Tensor operand_CV = torch.empty(shape, hidden.options(), new MemoryFormatOptional());
    ScalarType exact = torch.promoteTypes(hidden.scalar_type(), ScalarType.Float);
    return hidden.scalar_type().intern() == exact.intern()
        ? new LogitBuffer(operand_CV, operand_CV)
        : new LogitBuffer(
            torch.empty(
                shape,
                hidden.options().dtype(new ScalarTypeOptional(exact)),
                new MemoryFormatOptional()),
            operand_CV);
  }

  /** The part of the first tokens. */
  LogitBuffer first(long tokens) {
    Tensor exact = exact_CV.narrow(0, 0, tokens);
    return exact_CV == operand_CV
        ? new LogitBuffer(exact, exact)
        : new LogitBuffer(exact, operand_CV.narrow(0, 0, tokens));
  }

  /** Takes what a product left into {@link #exact_CV}, which is returned. */
  Tensor toExact() {
    return exact_CV == operand_CV ? exact_CV : exact_CV.copy_(operand_CV);
  }

  /** Rounds what was computed for a product, which is returned. */
  Tensor toOperand() {
    return exact_CV == operand_CV ? operand_CV : operand_CV.copy_(exact_CV);
  }
}
