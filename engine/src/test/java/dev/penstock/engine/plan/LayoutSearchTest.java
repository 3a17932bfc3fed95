package dev.penstock.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutSearchTest {
  private static final Forecast.Extras NOTHING = new Forecast.Extras(null, false);
  private static final DeviceProfile H100 = DeviceProfile.named("h100");

  /** As large as a Llama of 8 billion parameters. */
  private static final String MODEL =
      """
      {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "num_hidden_layers": 32,
       "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
       "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "tie_word_embeddings": false}
      """;

  private static TrainingConfig run(int ppSize, int dpSize, int globalBatch, Precision precision) {
    return new TrainingConfig(
            MODEL,
            new ParallelConfig(ppSize, dpSize),
            new BatchConfig(globalBatch, 1, 4096),
            new ScheduleConfig("1F1B", null, null, null, "cost", List.of()),
            OptimizerConfig.adamW(1e-4),
            LrScheduleConfig.constant(),
            1,
            0)
        .withCompute(ComputeConfig.DEFAULT.withPrecision(precision));
  }

  private static Forecast forecast(TrainingConfig run) {
    return Forecast.of(TrainingPlan.of(run), H100, NOTHING);
  }

  private static LayoutSearch search(TrainingConfig run) {
    return new LayoutSearch(run, H100, NOTHING);
  }

  @Test
  void bestLayoutsFitTheDevicesAndAreInOrder() {
    List<Forecast> best = search(run(8, 1, 32, Precision.BFLOAT16)).best(8, 3);
    assertThat(best).hasSize(3);
    assertThat(best)
        .allSatisfy(
            forecast -> {
              TrainingConfig config = forecast.plan().config();
              assertThat(config.parallel().worldSize()).isEqualTo(8);
              assertThat(config.batch().globalBatchSize()).isEqualTo(32);
              assertThat(forecast.fits()).isTrue();
            })
        .isSortedAccordingTo((a, b) -> Double.compare(a.step().seconds(), b.step().seconds()))
        .extracting(it -> Layout.of(it.plan().config()))
        .doesNotHaveDuplicates();
    assertThat(best.get(0).step().seconds())
        .isLessThanOrEqualTo(forecast(run(8, 1, 32, Precision.BFLOAT16)).step().seconds());
  }

  @Test
  void noLayoutIsInventedWhereNoneFits() {
    assertThat(search(run(1, 1, 32, Precision.BFLOAT16)).best(1, 3)).isEmpty();
  }

  @Test
  void runThatDoesNotFitIsChangedUntilItDoes() {
    TrainingConfig run = run(2, 1, 32, Precision.BFLOAT16);
    assertThat(forecast(run).fits()).isFalse();
    assertThat(search(run).bestChange(forecast(run)))
        .hasValueSatisfying(
            change -> {
              assertThat(change.fits()).isTrue();
              assertThat(change.plan().config().parallel().ppSize()).isEqualTo(4);
            });
  }

  @Test
  void halfPrecisionIsWhatHelpsMostOnGpus() {
    TrainingConfig run = run(8, 1, 64, Precision.FLOAT32);
    assertThat(search(run).bestChange(forecast(run)))
        .hasValueSatisfying(
            change ->
                assertThat(Layout.of(change.plan().config()))
                    .isEqualTo(Layout.of(run).withPrecision(Precision.BFLOAT16)));
  }

  @Test
  void nothingIsChangedForLittle() {
    TrainingConfig run = run(8, 1, 512, Precision.BFLOAT16);
    Forecast now = forecast(run);
    search(run)
        .bestChange(now)
        .ifPresent(
            change -> assertThat(change.step().seconds() * 1.03).isLessThan(now.step().seconds()));
  }

  @Test
  void recomputingTakesMoreTimeAndLessMemory() {
    TrainingConfig run = run(8, 1, 32, Precision.BFLOAT16);
    Forecast plain = forecast(run);
    Forecast again = forecast(run.withCompute(run.compute().withRecompute(Recompute.FULL)));
    assertThat(again.step().seconds())
        .isBetween(1.2 * plain.step().seconds(), 1.4 * plain.step().seconds());
    assertThat(again.fullest().activationBytes()).isLessThan(plain.fullest().activationBytes() / 2);
  }

  @Test
  void findingsComeFromTheGreatestHarmToTheLeast() {
    TrainingConfig bad =
        new TrainingConfig(
            MODEL,
            new ParallelConfig(4, 1),
            new BatchConfig(2, 1, 16384),
            new ScheduleConfig("GPipe", null, null, null, "cost", List.of()),
            OptimizerConfig.adamW(1e-4),
            LrScheduleConfig.constant(),
            1,
            0);
    assertThat(Finding.of(Forecast.of(TrainingPlan.of(bad), DeviceProfile.named("l40s"), NOTHING)))
        .extracting(Finding::harm)
        .containsExactly(
            Finding.Harm.DOES_NOT_FIT,
            Finding.Harm.BUBBLE,
            Finding.Harm.FEW_MICROBATCHES,
            Finding.Harm.LONG_SEQUENCES);
    assertThat(Finding.of(forecast(run(8, 1, 256, Precision.BFLOAT16)))).isEmpty();
  }
}
