package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.spark.TestSpark;
import dev.penstock.spark.interop.TaskProfile;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlotCheckTest {
  private final TaskProfile profile = TaskProfile.ofSession(TestSpark.session().sparkContext());

  @Test
  void enoughSlotsPass() {
    assertThatCode(
            () ->
                SlotCheck.await(
                    profile, new ParallelConfig(2, 2), 4, Duration.ofSeconds(1), line -> {}))
        .doesNotThrowAnyException();
  }

  @Test
  void tooFewLocalSlotsFailAtOnce() {
    assertThatThrownBy(
            () ->
                SlotCheck.await(
                    profile, new ParallelConfig(3, 2), 6, Duration.ofDays(1), line -> {}))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("ppSize 3 x dpSize 2 = 6 ranks")
        .hasMessageContaining("local[4] has 4")
        .hasMessageContaining("Use master local[6]");
  }
}
