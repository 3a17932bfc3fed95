package dev.penstock.spark.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContinuationTest {
  private static Continuation atMost(Integer maxNewTokens, Integer maxLength) {
    return new Continuation(maxNewTokens, maxLength, null, 1, null);
  }

  @Test
  void lengthOfTheWholeTextLeavesWhatThePromptDoesNotTake() {
    assertThat(atMost(null, 9).of(5, Set.of()).maxNewTokens()).isEqualTo(4);
    assertThat(atMost(6, 9).of(5, Set.of()).maxNewTokens()).isEqualTo(6);
    assertThat(atMost(null, null).of(5, Set.of()).maxNewTokens()).isEqualTo(20);
  }

  /** Unlike another exception of the job, it reaches the caller as it is. */
  @Test
  void promptThatTakesTheWholeLengthIsToldAsOneOfTheConfiguration() {
    assertThatThrownBy(() -> atMost(null, 5).of(5, Set.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "The prompt has 5 tokens, but max_length in the model's generation_config.json is 5."
                + " Set maxNewTokens.");
  }
}
