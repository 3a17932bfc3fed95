package dev.penstock.engine.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DeviceTensorsTest {
  @Test
  void theDeviceIsAGpu() {
    assertThat(DeviceTensors.index("cuda:3")).isEqualTo((byte) 3);
    assertThatThrownBy(() -> DeviceTensors.index("cpu"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Use cuda:N");
  }
}
