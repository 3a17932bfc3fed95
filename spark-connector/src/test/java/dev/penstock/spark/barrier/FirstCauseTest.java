package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.comm.SilentRankException;
import dev.penstock.engine.comm.TransportException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstCauseTest {
  @TempDir Path folder;

  private static RankFailure primary(int rank, long millis) {
    return new RankFailure(rank, "executor 0", millis, false, false, "boom", "trace");
  }

  private static RankFailure secondary(int rank, long millis) {
    return new RankFailure(rank, "executor 0", millis, true, true, "peer is gone", "trace");
  }

  @Test
  void earliestPrimaryFailureWins() {
    assertThat(
            FirstCause.choose(
                List.of(secondary(0, 1), primary(1, 5), primary(2, 4)),
                List.of(primary(3, 2)),
                List.of()))
        .contains(primary(2, 4));
  }

  @Test
  void lostExecutorExplainsWhatItsPeersSuffered() {
    assertThat(
            FirstCause.choose(
                List.of(secondary(0, 1)), List.of(primary(1, 9)), List.of(primary(0, 3))))
        .contains(primary(1, 9));
  }

  @Test
  void rankThatLeftNoFileIsKnownFromSpark() {
    assertThat(
            FirstCause.choose(
                List.of(secondary(0, 1)), List.of(), List.of(primary(0, 2), primary(1, 3))))
        .contains(primary(1, 3));
  }

  @Test
  void earliestConsequenceIsBetterThanNothing() {
    assertThat(FirstCause.choose(List.of(secondary(1, 2), secondary(0, 1)), List.of(), List.of()))
        .contains(secondary(0, 1));
    assertThat(FirstCause.choose(List.of(), List.of(), List.of())).isEmpty();
  }

  @Test
  void lostPeerIsSecondary() {
    assertThat(RankFailure.of(0, "", false, new TransportException("gone")).secondary()).isTrue();
    assertThat(RankFailure.of(0, "", false, new IllegalStateException("x")).secondary()).isFalse();
    assertThat(RankFailure.of(0, "", true, new IllegalStateException("x")).secondary()).isTrue();
  }

  @Test
  void failuresTravelThroughFiles() throws IOException, InterruptedException {
    FailureFiles files = new FailureFiles(folder.toUri().toString(), new Configuration());
    RankFailure failure = RankFailure.of(3, "executor 1 on host", false, new IOException("disk"));
    files.open();
    assertThat(files.write(3, failure)).isTrue();
    assertThat(new FirstCause(files, new GangListener("tag"), 4).await(Duration.ofDays(1)))
        .contains(failure);
    assertThat(failure.error()).isEqualTo("java.io.IOException: disk");
    assertThat(failure.stackTrace()).contains("FirstCauseTest");
  }

  @Test
  void theRankThatIsSilentIsTheFirstCause() {
    SilentRankException silence = new SilentRankException(1, "host", Duration.ofSeconds(30));
    RankFailure told =
        RankFailure.of(0, "executor 0", false, new TransportException("waited", silence));
    assertThat(told.secondary()).isTrue();
    assertThat(FirstCause.choose(List.of(told, RankFailure.silent(silence)), List.of(), List.of()))
        .hasValueSatisfying(cause -> assertThat(cause.rank()).isEqualTo(1));
  }

  @Test
  void runThatIsOverTakesNoFailure() throws IOException {
    Path place = folder.resolve("run/_errors");
    FailureFiles files = new FailureFiles(place.toUri().toString(), new Configuration());
    RankFailure failure = RankFailure.of(3, "executor 1 on host", false, new IOException("disk"));
    assertThat(files.write(3, failure)).isFalse();
    assertThat(place).doesNotExist();
  }
}
