package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.TransportException;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rank that fails tells its peers why, whatever it fails by, and leaves nothing open. */
@Timeout(60)
class FailingRankTest {
  private static final TrainingConfig CONFIG = new TestingRun(2, 1, "1f1b", 2).config(false);

  @TempDir Path folder;

  private final AtomicBoolean closed = new AtomicBoolean();

  private MicrobatchSource source(TestingRun.Rows rows) {
    return new MicrobatchSource() {
      @Override
      public TokenBatch read(long step, int firstRow, int numRows) {
        return rows.read(step, firstRow, numRows);
      }

      @Override
      public long numRows() {
        return TestingRun.ROWS;
      }

      @Override
      public boolean weighted() {
        return false;
      }

      @Override
      public void close() {
        closed.set(true);
      }
    };
  }

  /** How each of two ranks fails. */
  private List<Throwable> failures(String jvms, TestingRun.Rows rows, @Nullable ModelOutput output)
      throws Exception {
    List<CompletableFuture<Throwable>> ranks = new ArrayList<>();
    for (LoopbackRendezvous rendezvous : LoopbackRendezvous.create(2)) {
      int rank = rendezvous.rank();
      RankInputs inputs =
          new RankInputs(
              rank == 0 ? source(rows) : null,
              null,
              output,
              report -> {},
              1,
              Duration.ofSeconds(40),
              0);
      String jvm = jvms.equals("one") ? "this" : "jvm " + rank;
      RankAddress address = new RankAddress("127.0.0.1", jvm, "cpu");
      ranks.add(
          CompletableFuture.supplyAsync(
              () ->
                  catchThrowable(
                      () -> new RankTrainer(CONFIG, rendezvous, address, inputs).train())));
    }
    List<Throwable> failures = new ArrayList<>();
    for (CompletableFuture<Throwable> rank : ranks) {
      failures.add(rank.get(30, TimeUnit.SECONDS));
    }
    return failures;
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "two"})
  void anErrorReachesThePeers(String jvms) throws Exception {
    List<Throwable> failures =
        failures(
            jvms,
            (step, firstRow, numRows) -> {
              throw new StackOverflowError("too deep");
            },
            null);
    assertThat(failures.get(0)).isInstanceOf(StackOverflowError.class);
    assertThat(failures.get(1))
        .isInstanceOf(TransportException.class)
        .hasMessageContainingAll("rank 0 aborted the run", "StackOverflowError: too deep");
    assertThat(closed).isTrue();
  }

  @Test
  void sourcesAreClosedWhereTheRanksDoNotMeet() throws Exception {
    LoopbackRendezvous rendezvous = LoopbackRendezvous.create(2, Duration.ofMillis(50)).get(0);
    RankInputs inputs =
        new RankInputs(
            source(TestingRun::rows), null, null, report -> {}, 1, Duration.ofSeconds(5), 0);
    RankAddress address = new RankAddress("127.0.0.1", "this", "cpu");
    assertThat(catchThrowable(() -> new RankTrainer(CONFIG, rendezvous, address, inputs).train()))
        .isInstanceOf(TransportException.class);
    assertThat(closed).isTrue();
  }

  /** A rank may wait for the weights of one that could not write. */
  @Test
  void anIoExceptionIsNamedWithItsRank() throws Exception {
    Path taken = folder.resolve("model");
    Files.writeString(taken, "a file, where the folder should be");
    List<Throwable> failures =
        failures("two", TestingRun::rows, ModelOutput.of(new LocalFolder(taken)));
    assertThat(failures.get(0))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Rank 0: ")
        .hasCauseInstanceOf(IOException.class);
  }

  /** By it a watchdog sees that the rank moves, within a step and in a validation too. */
  @Test
  void everyMicrobatchIsProgress() {
    LoopbackRendezvous rendezvous = LoopbackRendezvous.create(1).get(0);
    RankInputs inputs =
        new RankInputs(
            source(TestingRun::rows), null, null, report -> {}, 1, Duration.ofSeconds(30), 0);
    RankTrainer trainer =
        new RankTrainer(
            new TestingRun(1, 1, "1f1b", 2).config(false),
            rendezvous,
            new RankAddress("127.0.0.1", "this", "cpu"),
            inputs);
    trainer.train();
    int microbatches = TestingRun.ROWS / 2;
    assertThat(trainer.progress()).isGreaterThan(2L * microbatches * TestingRun.STEPS);
  }
}
