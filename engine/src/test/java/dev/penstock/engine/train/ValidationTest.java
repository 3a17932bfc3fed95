package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidationTest {
  /** Not a multiple of the global batch of 8: the last batch is partly filled up. */
  private static final int VALIDATION_ROWS = 11;

  private record Rows(long numRows) implements MicrobatchSource {
    @Override
    public TokenBatch read(long step, int firstRow, int rows) {
      int[] ids = new int[rows * TestingRun.LENGTH];
      for (int i = 0; i < ids.length; i++) {
        long position = step * TestingRun.ROWS + firstRow + i / TestingRun.LENGTH;
        ids[i] = (int) ((position % numRows * 31 + i % TestingRun.LENGTH * 5) % 97);
      }
      return new TokenBatch(rows, TestingRun.LENGTH, ids, ids);
    }

    @Override
    public void close() {}
  }

  private static RankResult run(TrainingConfig config, ValidationConfig validation)
      throws Exception {
    int size = config.parallel().worldSize();
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<RankResult>> ranks = new ArrayList<>();
      for (LoopbackRendezvous rendezvous : LoopbackRendezvous.create(size)) {
        RankInputs inputs =
            new RankInputs(
                new Rows(64),
                null,
                null,
                report -> {},
                1,
                Duration.ofSeconds(30),
                validation,
                new Rows(VALIDATION_ROWS),
                1,
                null);
        RankAddress address = new RankAddress("localhost", "this", "cpu");
        ranks.add(
            threads.submit(() -> new RankTrainer(config, rendezvous, address, inputs).train()));
      }
      RankResult first = ranks.get(0).get();
      for (Future<RankResult> rank : ranks) {
        assertThat(rank.get().validations()).isEqualTo(first.validations());
      }
      return first;
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 1f1b", "2, 1, zbvzerobubble", "1, 2, gpipe", "2, 2, 1f1b"})
  void everyLayoutFindsTheSameLossOverEveryRowOnce(int ppSize, int dpSize, String schedule)
      throws Exception {
    ValidationConfig validation = new ValidationConfig(2, 0, false);
    RankResult alone = run(new TestingRun(1, 1, "gpipe", 8).config(false), validation);
    RankResult ranks = run(new TestingRun(ppSize, dpSize, schedule, 1).config(false), validation);
    assertThat(alone.validations())
        .extracting(ValidationReport::step)
        .containsExactly(2L, 4L, (long) TestingRun.STEPS);
    assertThat(ranks.phaseSeconds()).containsKey("validation");
    for (int i = 0; i < alone.validations().size(); i++) {
      ValidationReport expected = alone.validations().get(i);
      ValidationReport found = ranks.validations().get(i);
      assertThat(found.countedTokens())
          .isEqualTo(VALIDATION_ROWS * (TestingRun.LENGTH - 1L))
          .isEqualTo(expected.countedTokens());
      assertThat(found.loss()).isCloseTo(expected.loss(), within(1e-5));
    }
  }

  @Test
  void runThatGetsNoBetterEndsAndKeepsItsBest() throws Exception {
    TrainingConfig tiny = new TestingRun(2, 1, "1f1b", 2).config(false);
    TrainingConfig exploding =
        new TrainingConfig(
            tiny.modelConfigJson(),
            tiny.parallel(),
            tiny.batch(),
            tiny.schedule(),
            OptimizerConfig.adamW(3.0),
            LrScheduleConfig.constant(),
            50,
            tiny.seed());
    RankResult result = run(exploding, new ValidationConfig(1, 3, true));
    assertThat(result.validations().size()).isLessThan(50);
    List<ValidationReport> all = result.validations();
    double best = all.stream().mapToDouble(ValidationReport::loss).min().orElseThrow();
    assertThat(all.get((int) result.bestStep() - 1).loss()).isEqualTo(best);
    assertThat(all.get(all.size() - 1).step()).isEqualTo(result.bestStep() + 3);
    assertThat(result.timeline())
        .as("the last step, without the validation after it")
        .filteredOn(span -> span.action().type().isCompute())
        .extracting(span -> span.action().toString())
        .containsExactly("0F0", "0F1", "0B0", "0F2", "0B1", "0F3", "0B2", "0B3");
  }

  @Test
  void patienceWithoutAnIntervalIsRefused() {
    assertThatThrownBy(() -> new ValidationConfig(0, 2, true))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("set validationInterval");
  }
}
