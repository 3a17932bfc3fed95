package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Rows of the embedding that are trained while the others are not. Closed by the stage. */
final class TokenRows implements AutoCloseable {
  private static final long NONE = -1;

  private final Tensor rows;

  /** Of each token the number of its row here, or {@value #NONE}. */
  private final Tensor numbers;

  private final Tensor tokens;
  private final long paddingRow;

  private TokenRows(ParameterArena arena, List<Integer> trained, DecoderSpec spec) {
    rows = arena.leaf(LoraSpec.nameOfTokens());
    long[] numberOf = new long[spec.vocabSize()];
    Arrays.fill(numberOf, NONE);
    for (int row = 0; row < trained.size(); row++) {
      numberOf[trained.get(row)] = row;
    }
    String device = rows.device().str().getString();
    numbers = HostTensors.ofLongs(numberOf, device, numberOf.length).retainReference();
    long[] ids = trained.stream().mapToLong(Integer::longValue).toArray();
    tokens = HostTensors.ofLongs(ids, device, ids.length).retainReference();
    paddingRow = spec.paddingIndex() < 0 ? NONE : numberOf[spec.paddingIndex()];
  }

  /** The rows of a rank that has them; null if none are trained. */
  static @Nullable TokenRows of(ParameterArena arena, DecoderSpec spec) {
    LoraSpec lora = arena.lora();
    return lora == null || lora.trainedTokens().isEmpty()
        ? null
        : new TokenRows(arena, lora.trainedTokens(), spec);
  }

  /** Puts the trained rows in the place of those that were looked up. */
  Tensor inEmbedding(Tensor ids, Tensor lookedUp) {
    Tensor number = torch.embedding(numbers.unsqueeze(1), ids).squeeze(-1);
    Tensor own =
        torch.embedding(
            rows.to(lookedUp.scalar_type()),
            number.clamp_min(new Scalar(0)),
            paddingRow,
            false,
            false);
    return torch.where(number.ge(new Scalar(0)).unsqueeze(-1), own, lookedUp);
  }

  /** Puts the logits of the trained rows in the place of those of the others. */
  Tensor inHead(Tensor hidden, Tensor logits) {
    Tensor own = torch.linear(hidden, rows.to(hidden.scalar_type()), new TensorOptional());
    return logits.index_copy(logits.dim() - 1, tokens, own);
  }

  @Override
  public void close() {
    numbers.close();
    tokens.close();
  }
}
