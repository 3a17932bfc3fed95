package dev.penstock.spark.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.torch.Processor;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuCoreTest {
  @ParameterizedTest
  @CsvSource({
    "avx avx2 avx512f avx512bw amx_tile, a usual core with AVX-512",
    "avx avx2 fma, a usual core with AVX2",
    "avx not_avx2, a usual core of a server",
    "'', a usual core of a server"
  })
  void widestInstructionsTellTheCore(String instructions, String core) {
    Processor processor = new Processor("amd64", "", Set.of(instructions.split(" ")));
    assertThat(CpuCore.of(processor).described()).isEqualTo(core);
    assertThat(CpuCore.of(Processor.ofThisMachine()).flops()).isPositive();
  }
}
