package dev.penstock.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
  private static Processor of(String vendor, String flags) {
    return Processor.of(
        "amd64",
        List.of(
            "processor\t: 0",
            "vendor_id\t: " + vendor,
            "flags\t\t: " + flags,
            "processor\t: 1",
            "flags\t\t: other"));
  }

  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, sse2 avx2 avx512f avx512_bf16, true",
    "GenuineIntel, sse2 avx2 avx512f avx512_bf16 amx_bf16 amx_tile, true",
    "GenuineIntel, sse2 avx2 avx512f avx512_bf16, false",
    "AuthenticAMD, sse2 avx2 avx512f, false",
    "GenuineIntel, sse2 avx2, false",
    "'', '', false"
  })
  void instructionsDecide(String vendor, String flags, boolean multiplies) {
    assertThat(of(vendor, flags).multipliesBfloat16()).isEqualTo(multiplies);
  }

  @ParameterizedTest
  @CsvSource({
    "avx2 avx512f avx512_bf16, 0.7 times the rate",
    "avx2 avx512f, 4 times as long",
    "avx2, 7 to 100 times as long"
  })
  void refusalsSayHowSlowItIsAndTheRemedy(String flags, String rate) {
    assertThat(of("GenuineIntel", flags).whyNotBfloat16())
        .startsWith("the processor has ")
        .contains(rate, ". Set precision (model.torch_dtype) to float32, or use ");
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
