package dev.penstock.spark.explain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuCoreTest {
  @ParameterizedTest
  @CsvSource({
    "flags\t\t: fpu sse2 avx avx2 avx512f avx512bw amx_tile, a usual core with AVX-512",
    "flags : fpu avx avx2 fma, a usual core with AVX2",
    "flags : fpu avx not_avx2, a usual core of a server",
    "'', a usual core of a server"
  })
  void widestInstructionsTellTheCore(String flags, String core) {
    assertThat(CpuCore.of(flags).described()).isEqualTo(core);
    assertThat(CpuCore.ofThisMachine().flops()).isPositive();
  }
}
