package dev.penstock.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.Precision;
import org.junit.jupiter.api.Test;

class DeviceProfileTest {
  private static final double ROUNDING = 1e-9;

  @Test
  void onCpusOnlyProductsAreFasterInBfloat16() {
    DeviceProfile cpu = DeviceProfile.cpu(1, 1L << 34, 1e11, 8e11, "test");
    double exact = 1 / cpu.flops(Precision.FLOAT32);
    double rounded = 1 / cpu.flops(Precision.BFLOAT16);
    assertThat(exact - rounded).isCloseTo(1e-11 - 1 / 8e11, within(ROUNDING * 1e-11));
    assertThat(cpu.shareReached(Precision.FLOAT32)).isCloseTo(cpu.shareReached(), within(ROUNDING));
    assertThat(cpu.shareReached(Precision.BFLOAT16)).isLessThan(cpu.shareReached() / 2);
  }

  @Test
  void gpusReachTheSameShareInBoth() {
    DeviceProfile gpu = DeviceProfile.named("h100");
    assertThat(gpu.shareReached(Precision.BFLOAT16)).isCloseTo(0.4, within(ROUNDING));
    assertThat(gpu.shareReached(Precision.FLOAT32)).isCloseTo(0.4, within(ROUNDING));
  }
}
