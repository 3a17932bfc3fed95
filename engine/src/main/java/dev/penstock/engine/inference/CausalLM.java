package dev.penstock.engine.inference;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderStage;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.Head;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.family.AdapterConfig;
import dev.penstock.engine.model.family.LoraTargets;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.modelfiles.CheckedModel;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A whole model on one device, for inference. Used by one thread at a time; whoever loads it closes
 * it.
 */
public final class CausalLM implements AutoCloseable {
  private static final long FIRST_TOKENS = 256;

  /** Seed of what only training does. */
  private static final long NO_DROPOUT = 0;

  private final DecoderSpec spec;
  private final List<String> warnings;
  private final RankModel model;
  private final String device;

  private CausalLM(CheckedModel checked, RankModel model, String device) {
    spec = checked.spec();
    warnings = checked.warnings();
    this.model = model;
    this.device = device;
  }

  /**
   * Loads a Hugging Face model: {@code config.json} and safetensors, and adapters for them.
   *
   * @param files read now
   * @param device e.g. {@code cpu}
   * @throws dev.penstock.engine.config.ConfigException if weights or adapters do not fit
   */
  public static CausalLM load(ModelFiles files, String device) throws IOException {
    CheckedModel checked = files.checkModel();
    DecoderSpec spec = checked.spec();
    LoraSpec lora = adapters(spec, files);
    files.checkAdapter(spec, lora);
    RankModel model =
        new RankModel(
            spec,
            Map.of(0, new DecoderTensors(spec).modules()),
            new RankModel.Options(ScalarType.Float, device, 0, lora));
    try {
      files.read(spec, model.arena());
      return new CausalLM(checked, model, device);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** As above, without adapters. */
  public static CausalLM load(FileSource folder, String device) throws IOException {
    return load(ModelFiles.of(folder), device);
  }

  /** Memory that a model's weights will take, by its config; adapters are small beside them. */
  public static long weightBytes(ModelFiles files) throws IOException {
    DecoderSpec spec = ModelFamilies.parse(files.readConfig());
    return Float.BYTES
        * new DecoderTensors(spec).all().stream().mapToLong(TensorShape::numel).sum();
  }

  private static @Nullable LoraSpec adapters(DecoderSpec spec, ModelFiles files)
      throws IOException {
    FileSource folder = files.adapter();
    String config = files.readAdapterConfig();
    if (folder == null || config == null) {
      return null;
    }
    return LoraTargets.resolve(
        spec, AdapterConfig.parse(config, folder.location()).lora(), NO_DROPOUT);
  }

  /** What the user should know of the model's files, one sentence each. */
  public List<String> warnings() {
    return warnings;
  }

  /** The model as data. */
  public DecoderSpec spec() {
    return spec;
  }

  /**
   * Logits [B, T, V] of rows of equal length, as floats, row-major.
   *
   * @param rows token ids
   */
  public float[] logits(int[][] rows) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      return HostTensors.toFloats(head().forward(forward(rows, rows[0].length), null));
    }
  }

  /** Scores rows of any lengths in one batch; one result a row, in order. */
  public Score[] score(int[][] rows) {
    return score(rows, rows);
  }

  /**
   * Scores some tokens of rows of any lengths in one batch; one result a row, in order.
   *
   * @param labels as many of each row as it has tokens, not shifted: the token itself, or {@link
   *     TokenCrossEntropy#IGNORE} where it does not count
   */
  public Score[] score(int[][] rows, int[][] labels) {
    int longest = Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(0);
    Score[] scores = new Score[rows.length];
    if (longest < 2) {
      Arrays.fill(scores, new Score(Double.NaN, 0));
      return scores;
    }
    long[] targets = new long[rows.length * longest];
    Arrays.fill(targets, TokenCrossEntropy.IGNORE);
    for (int row = 0; row < rows.length; row++) {
      for (int t = 1; t < rows[row].length; t++) {
        targets[row * longest + t - 1] = labels[row][t];
      }
    }
    double[] nll = tokenNll(rows, longest, targets);
    for (int row = 0; row < rows.length; row++) {
      double sum = 0;
      int tokens = 0;
      for (int i = row * longest; i < (row + 1) * longest; i++) {
        if (targets[i] != TokenCrossEntropy.IGNORE) {
          sum += nll[i];
          tokens++;
        }
      }
      scores[row] = new Score(tokens == 0 ? Double.NaN : sum / tokens, tokens);
    }
    return scores;
  }

  private double[] tokenNll(int[][] rows, int longest, long[] targets) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard();
        Tensor target = HostTensors.ofLongs(targets, device, targets.length)) {
      return HostTensors.toDoubles(
          TokenCrossEntropy.ofTokens(forward(rows, longest), head(), target));
    }
  }

  private Head head() {
    return requireNonNull(model.stages().get(0).head(), "the model has no head");
  }

  /**
   * Hidden states before the head. Short rows are filled up at the end, which causal attention
   * never looks at.
   */
  private Tensor forward(int[][] rows, int length) {
    int[] ids = new int[rows.length * length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, ids, row * length, rows[row].length);
    }
    try (Tensor input = HostTensors.ofTokens(ids, device, rows.length, length)) {
      return model.stages().get(0).forward(input, null);
    }
  }

  /** As below, and nobody hears of the tokens. */
  public int[] generate(int[] prompt, GenerationConfig config) {
    return generate(prompt, config, () -> {});
  }

  /**
   * Continues a prompt until an end token, the longest that is asked for, or the last position that
   * the model has.
   *
   * @param prompt at least one token, and fewer than the model has positions
   * @param onToken called after each token; what it throws ends this
   * @return the new tokens, without the prompt; the last may be the end token, as in transformers
   */
  public int[] generate(int[] prompt, GenerationConfig config, Runnable onToken) {
    if (prompt.length == 0) {
      throw new ConfigException("The prompt has no tokens. Give at least one.");
    }
    if (prompt.length >= spec.maxPositions()) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The prompt has %d tokens, but the model has positions for %d. Shorten it.",
              prompt.length,
              spec.maxPositions()));
    }
    long most = Math.min(spec.maxPositions(), (long) prompt.length + config.maxNewTokens());
    TokenSampler sampler = new TokenSampler(config, device);
    int[] tokens = Arrays.copyOf(prompt, (int) Math.min(most, prompt.length + FIRST_TOKENS));
    int length = prompt.length;
    DecoderStage stage = (DecoderStage) model.stages().get(0);
    int startsAnewAt = spec.longestWithSameFrequencies() + 1;
    stage.decode(true);
    try {
      int[] next = prompt;
      while (length < most) {
        int token = next(next, Arrays.stream(tokens, 0, length), sampler);
        if (length == tokens.length) {
          tokens = Arrays.copyOf(tokens, (int) Math.min(most, 2L * length));
        }
        tokens[length++] = token;
        onToken.run();
        if (config.endTokenIds().contains(token)) {
          break;
        }
        next = new int[] {token};
        if (length == startsAnewAt) {
          stage.decode(true);
          next = Arrays.copyOf(tokens, length);
        }
      }
    } finally {
      stage.decode(false);
    }
    return Arrays.copyOfRange(tokens, prompt.length, length);
  }

  private int next(int[] further, IntStream text, TokenSampler sampler) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor hidden_1D = forward(new int[][] {further}, further.length).select(1, 0);
      Tensor logits_1V = head().forward(hidden_1D, null);
      return sampler.choose(logits_1V.select(0, 0), text);
    }
  }

  @Override
  public void close() {
    model.stages().values().forEach(stage -> stage.close());
    model.close();
  }
}
