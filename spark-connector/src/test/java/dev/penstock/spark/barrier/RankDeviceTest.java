package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankDeviceTest {
  @Test
  void autoIsTheGpuOfTheTaskElseTheCpu() {
    assertThat(new RankDevice(1, false, List.of(), null).choose("auto")).isEqualTo("cpu");
    assertThat(new RankDevice(1, true, List.of(), null).choose("auto")).isEqualTo("cpu");
    assertThat(new RankDevice(1, false, List.of("3"), null).choose("auto")).isEqualTo("cuda:3");
  }

  @Test
  void cpuStaysCpu() {
    assertThat(new RankDevice(1, false, List.of("3"), null).choose("cpu")).isEqualTo("cpu");
  }

  @Test
  void localModeDealsOutGpusByPartition() {
    assertThat(new RankDevice(1, true, List.of(), null).choose("cuda")).isEqualTo("cuda:1");
  }

  @Test
  void visibleDevicesAreCountedFromZero() {
    assertThat(new RankDevice(0, false, List.of("5"), "4, 5").choose("cuda")).isEqualTo("cuda:1");
    assertThatThrownBy(() -> new RankDevice(0, false, List.of("6"), "4,5").choose("cuda"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("GPU 6", "hides it");
  }

  @Test
  void clusterWithoutGpusIsRefused() {
    assertThatThrownBy(() -> new RankDevice(0, false, List.of(), null).choose("cuda"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("spark.task.resource.gpu.amount=1");
  }
}
