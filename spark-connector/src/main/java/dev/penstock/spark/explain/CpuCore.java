package dev.penstock.spark.explain;

import dev.penstock.engine.torch.Processor;

/**
 * A usual core of a server, by the widest instructions that a processor says it has.
 *
 * @param flops operations a second in products of float32
 * @param described for who reads the forecast
 */
record CpuCore(double flops, String described) {
  private static final CpuCore AVX512 = new CpuCore(120e9, "a usual core with AVX-512");
  private static final CpuCore AVX2 = new CpuCore(70e9, "a usual core with AVX2");
  private static final CpuCore ANY = new CpuCore(50e9, "a usual core of a server");

  static CpuCore of(Processor processor) {
    return processor.instructions().contains("avx512f")
        ? AVX512
        : processor.instructions().contains("avx2") ? AVX2 : ANY;
  }
}
