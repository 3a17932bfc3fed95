package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Slices give what all logits at once give. */
class SlicedCrossEntropyTest {
  private static final int ROWS = 3;
  private static final int LENGTH = 5;
  private static final int TOKENS = ROWS * LENGTH;
  private static final double MAX_ERROR = 2e-6;

  private static final TokenCrossEntropy LOSS = new TokenCrossEntropy();

  private enum Targets {
    ALL,
    SOME,
    NONE,
    WEIGHTED
  }

  private enum Kind {
    TRAINED(null, ScalarType.Float),
    FROZEN(TestingLora.of(2, 2, 0, 1, "model.layers.0.self_attn.q_proj"), ScalarType.Float),
    ADAPTED(TestingLora.of(2, 2, 0, 1, DecoderTensors.HEAD), ScalarType.Float),
    DROPPING(TestingLora.of(2, 2, 0.5, 1, DecoderTensors.HEAD), ScalarType.Float),
    HALF(null, ScalarType.BFloat16);

    private final @Nullable LoraSpec lora;
    private final ScalarType dtype;

    Kind(@Nullable LoraSpec lora, ScalarType dtype) {
      this.lora = lora;
      this.dtype = dtype;
    }
  }

  /** What a loss and its backward pass give. */
  private record Outcome(double loss, double[] hiddenGradient, double[] weightGradients) {}

  private interface Way {
    Tensor loss(Tensor hidden, Head head, Tensor targets, WeightGradientStore weightGradients);
  }

  private static final Way AT_ONCE =
      (hidden, head, targets, store) -> LOSS.loss(head.forward(hidden, store), targets);

  @BeforeAll
  static void oneThread() {
    Threads.configure(1);
  }

  private static Way slicesOf(long tokens) {
    return (hidden, head, targets, store) ->
        new SlicedCrossEntropy(head, tokens).train(hidden, targets, store.pass());
  }

  private static Tensor targets(Targets kind, int vocabSize) {
    Random random = new Random(3);
    long[] ids = new long[TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      boolean counts = kind != Targets.NONE && (kind == Targets.ALL || i % 4 != 1);
      ids[i] = counts ? random.nextInt(vocabSize) : TokenCrossEntropy.IGNORE;
    }
    if (kind != Targets.WEIGHTED) {
      return HostTensors.ofLongs(ids, "cpu", ROWS, LENGTH);
    }
    float[] values = new float[2 * TOKENS];
    for (int row = 0; row < ROWS; row++) {
      for (int t = 0; t < LENGTH; t++) {
        values[2 * row * LENGTH + t] = ids[row * LENGTH + t];
        values[(2 * row + 1) * LENGTH + t] = t == 2 ? 0 : 0.25f * (1 + t);
      }
    }
    try (TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      return HostTensors.ofFloats(values, options, ROWS, 2, LENGTH);
    }
  }

  private static Outcome run(String folder, Kind kind, Targets targets, Way way)
      throws IOException {
    String config = Files.readString(Path.of("src/test/resources/hf", folder, "config.json"));
    DecoderSpec spec = ModelFamilies.parse(config);
    RankModel.Options options = new RankModel.Options(kind.dtype, "cpu", 0, kind.lora);
    RankModel model = new RankModel(spec, Map.of(0, List.of(DecoderTensors.HEAD)), options);
    try (StageModule stage = model.stages().get(0);
        PointerScope scope = new PointerScope();
        WeightGradientStore store = new WeightGradientStore(7)) {
      // Wide enough for caps and softmaxes to have something to do.
      new WeightInitializer(1, 0.5).fill(model.arena());
      fillAdapters(model.arena());
      Tensor hidden = hidden(spec, kind.dtype);
      Tensor loss = way.loss(hidden, stage.head(), targets(targets, spec.vocabSize()), store);
      store.backwardWhole(() -> loss.backward());
      return new Outcome(
          HostTensors.toDoubles(loss)[0],
          HostTensors.toDoubles(hidden.grad()),
          kind == Kind.FROZEN ? new double[0] : HostTensors.toDoubles(model.arena().gradients()));
    } finally {
      model.close();
    }
  }

  /** Adapters begin as nothing. */
  private static void fillAdapters(ParameterArena arena) {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      arena.parameters().stream()
          .filter(parameter -> LoraSpec.isTrained(parameter.name()))
          .forEach(parameter -> parameter.value().add_(new Scalar(0.05)));
      arena.publish();
    }
  }

  private static Tensor hidden(DecoderSpec spec, ScalarType dtype) {
    Random random = new Random(5);
    float[] values = new float[TOKENS * spec.hiddenSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (TensorOptions options = HostTensors.options(dtype, "cpu")) {
      Tensor hidden = HostTensors.ofFloats(values, options, ROWS, LENGTH, spec.hiddenSize());
      hidden.requires_grad_(true);
      return hidden;
    }
  }

  private static void assertClose(Outcome actual, Outcome expected, double maxError) {
    assertThat(actual.loss)
        .isCloseTo(expected.loss, within(maxError * Math.max(1, Math.abs(expected.loss))));
    assertClose(actual.hiddenGradient, expected.hiddenGradient, maxError);
    assertClose(actual.weightGradients, expected.weightGradients, maxError);
  }

  private static void assertClose(double[] actual, double[] expected, double maxError) {
    double largest = 0;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      error = Math.max(error, Math.abs(actual[i] - expected[i]));
    }
    assertThat(actual).hasSameSizeAs(expected);
    assertThat(error).isLessThanOrEqualTo(maxError * largest);
  }

  /** Plain, with a scale, with a cap. */
  @ParameterizedTest
  @CsvSource({
    "llama, ALL, 4",
    "llama, SOME, 4",
    "llama, NONE, 4",
    "llama, WEIGHTED, 1",
    "llama, ALL, 512",
    "granite, SOME, 4",
    "granite, WEIGHTED, 4",
    "gemma2-softcap, ALL, 4",
    "gemma2-softcap, WEIGHTED, 7"
  })
  void slicesGiveTheNumbersOfAllAtOnce(String folder, Targets targets, long slice)
      throws IOException {
    assertClose(
        run(folder, Kind.TRAINED, targets, slicesOf(slice)),
        run(folder, Kind.TRAINED, targets, AT_ONCE),
        MAX_ERROR);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyKindOfHeadIsCutTheSame(Kind kind) throws IOException {
    Outcome expected = run("llama", kind, Targets.SOME, AT_ONCE);
    // Products of slices are rounded where they are added, to 8 bits in bfloat16.
    double maxError = kind == Kind.HALF ? 0x1p-7 : MAX_ERROR;
    Way whole = (hidden, head, targets, store) -> LOSS.loss(hidden, head, targets, store);
    assertClose(run("llama", kind, Targets.SOME, whole), expected, maxError);
    if (kind != Kind.DROPPING) {
      assertClose(run("llama", kind, Targets.SOME, slicesOf(4)), expected, maxError);
    }
  }

  @Test
  void aGradientFromBehindTheLossScalesTheHiddenStates() throws IOException {
    Way doubled =
        (hidden, head, targets, store) ->
            new SlicedCrossEntropy(head, 4).train(hidden, targets, store.pass()).mul(new Scalar(2));
    double[] once = run("llama", Kind.FROZEN, Targets.SOME, slicesOf(4)).hiddenGradient;
    double[] twice = run("llama", Kind.FROZEN, Targets.SOME, doubled).hiddenGradient;
    for (int i = 0; i < once.length; i++) {
      assertThat(twice[i]).isEqualTo(2 * once[i]);
    }
  }

  @Test
  void scoringTellsTheCrossEntropyOfEachToken() throws IOException {
    Outcome loss = run("llama", Kind.TRAINED, Targets.SOME, slicesOf(4));
    double[][] scores = new double[1][];
    run(
        "llama",
        Kind.TRAINED,
        Targets.SOME,
        (hidden, head, targets, store) -> {
          try (NoGradGuard noGrad = new NoGradGuard()) {
            SlicedCrossEntropy slices = new SlicedCrossEntropy(head, 4);
            scores[0] = HostTensors.toDoubles(slices.ofTokens(hidden, targets));
            assertThat(HostTensors.toDoubles(slices.evaluate(hidden, targets))[0])
                .isEqualTo(loss.loss);
          }
          return hidden.sum();
        });
    assertThat(scores[0]).hasSize(TOKENS);
    assertThat(Arrays.stream(scores[0]).sum()).isCloseTo(loss.loss, within(1e-4));
    assertThat(scores[0][1]).isZero();
    assertThat(scores[0][0]).isPositive();
  }

  @Test
  void sliceIsLargerWhereTheVocabularyIsSmall() {
    assertThat(SlicedCrossEntropy.slice(32_768)).isEqualTo(512);
    assertThat(SlicedCrossEntropy.slice(32_769)).isEqualTo(256);
    assertThat(SlicedCrossEntropy.slice(256_000)).isEqualTo(256);
  }
}
