package dev.penstock.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ScheduleConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftParityTest {
  private static final Path PEFT = Path.of("src/test/resources/peft");
  private static final double ROUNDING = 1e-5;

  /** Gradients of a key's bias are nearly 0, and Adam makes steps of any gradient. */
  private static final double ROUNDING_OF_BIASES = 5e-5;

  private static ParityReport assertParity(
      Path base, Path adapter, int ppSize, String schedule, int microbatches) throws IOException {
    ParityReport report =
        new ParityCheck(base, adapter, ppSize, ScheduleConfig.named(schedule), microbatches).run();
    assertThat(report.logits()).isLessThan(ROUNDING);
    assertThat(report.loss()).isLessThan(1e-6);
    assertThat(report.gradient()).as(report.worstParameter()).isLessThan(ROUNDING);
    assertThat(report.curve()).isLessThan(ROUNDING);
    assertThat(report.gradNorms()).isLessThan(ROUNDING);
    assertThat(report.worstParameter()).startsWith("base_model.model.");
    return report;
  }

  @ParameterizedTest
  @CsvSource({"1, gpipe, 1", "2, 1f1b, 2", "2, zbvzerobubble, 2", "4, gpipe, 2"})
  void numbersAreThoseOfPeft(int ppSize, String schedule, int microbatches) throws Exception {
    Path base = Path.of("src/test/resources/hf/llama");
    assertParity(base, PEFT.resolve("llama"), ppSize, schedule, microbatches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bias-all",
        "bias-lora-only",
        "dora",
        "dora-patterns",
        "embedding",
        "embedding-tied",
        "head",
        "modules-to-save-norms",
        "modules-to-save-tied",
        "modules-to-save-tied-ensured",
        "names-with-default",
        "patterns-and-rslora",
        "trainable-tokens",
        "trainable-tokens-tied"
      })
  void variantsAreTrainedAndSavedAsPeftDoes(String name) throws Exception {
    Path adapter = PEFT.resolve(name);
    String base =
        new ObjectMapper().readTree(adapter.resolve("golden.json").toFile()).path("base").asText();
    double rounding = name.equals("bias-all") ? ROUNDING_OF_BIASES : ROUNDING;

    ParityReport staged = assertParity(PEFT.resolve(base), adapter, 2, "1f1b", 4);
    assertThat(staged.saved()).isLessThan(rounding);

    ParityReport whole = assertParity(PEFT.resolve(base), adapter, 1, "gpipe", 1);
    assertThat(whole.saved()).isLessThan(rounding);
  }
}
