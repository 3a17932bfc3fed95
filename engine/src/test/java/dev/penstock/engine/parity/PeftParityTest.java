package dev.penstock.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.ScheduleConfig;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeftParityTest {
  @ParameterizedTest
  @CsvSource({"1, gpipe, 1", "2, 1f1b, 2", "2, zbvzerobubble, 2", "4, gpipe, 2"})
  void numbersAreThoseOfPeft(int ppSize, String schedule, int microbatches) throws Exception {
    ParityReport report =
        new ParityCheck(
                Path.of("src/test/resources/hf/llama"),
                Path.of("src/test/resources/peft/llama"),
                ppSize,
                ScheduleConfig.named(schedule),
                microbatches)
            .run();
    assertThat(report.logits()).isLessThan(1e-5);
    assertThat(report.loss()).isLessThan(1e-6);
    assertThat(report.gradient()).as(report.worstParameter()).isLessThan(1e-5);
    assertThat(report.curve()).isLessThan(1e-5);
    assertThat(report.gradNorms()).isLessThan(1e-5);
    assertThat(report.worstParameter()).contains(".lora_");
  }
}
