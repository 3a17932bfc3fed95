package dev.penstock.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
  private static Processor of(String architecture, String flags) {
    return Processor.of(
        architecture,
        List.of("processor\t: 0", "flags\t\t: " + flags, "processor\t: 1", "flags\t\t: other"));
  }

  @ParameterizedTest
  @CsvSource({
    "fpu sse2 avx2 avx512f avx512_bf16, true",
    "fpu sse2 avx2 avx512f amx_bf16 amx_tile, true",
    "fpu sse2 avx2 avx512f avx512vl, false",
    "fpu sse2 avx2, false",
    "'', false"
  })
  void instructionsDecide(String flags, boolean multiplies) {
    assertThat(of("amd64", flags).multipliesBfloat16()).isEqualTo(multiplies);
  }

  @Test
  void refusalsNameWhatThereIsAndTheRemedy() {
    assertThat(of("amd64", "sse2 avx2 avx512f").whyNotBfloat16())
        .startsWith("the processor has neither of avx512_bf16 and amx_bf16 (it has avx2, avx512f)")
        .contains("Set precision (model.torch_dtype) to float32");
    assertThat(of("amd64", "sse2").whyNotBfloat16())
        .contains("(it has neither of avx2 and avx512f)");
  }

  @Test
  void otherArchitecturesAreRefusedByName() {
    Processor arm = Processor.of("aarch64", List.of("Features\t: fp asimd bf16 i8mm"));
    assertThat(arm.multipliesBfloat16()).isFalse();
    assertThat(arm.whyNotBfloat16()).contains("architecture aarch64", "float32");
  }

  @Test
  void thisMachineHasAnArchitecture() {
    assertThat(Processor.ofThisMachine().architecture()).isEqualTo(System.getProperty("os.arch"));
  }
}
