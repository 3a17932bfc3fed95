package dev.penstock.engine.comm.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.RankAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankTableTest {
  private static RankAddress rank(String host, String jvm, String device) {
    return new RankAddress(host, jvm, device);
  }

  private static RankTable table(RankAddress... ranks) {
    return new RankTable(List.of(ranks), Collections.nCopies(ranks.length, 0));
  }

  @Test
  void whatIsEncodedIsParsed() {
    RankAddress a = rank("host-1", "jvm-1", "cuda:0");
    RankAddress b = rank("fe80::1", "jvm-2", "cuda:1");
    RankTable table = RankTable.parse(List.of(RankTable.encode(a, 0), RankTable.encode(b, 40_001)));
    assertThat(table.ranks()).containsExactly(a, b);
    assertThat(table.addresses().get(1).getHostString()).isEqualTo("fe80::1");
    assertThat(table.addresses().get(1).getPort()).isEqualTo(40_001);
  }

  @Test
  void aMessageOfAnotherVersionIsRefused() {
    assertThatThrownBy(() -> RankTable.parse(List.of("host\tjvm")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same version");
  }

  @Test
  void cpuRanksOfOneJvmHandTensorsOver() {
    assertThat(table(rank("h", "j", "cpu"), rank("h", "j", "cpu")).kind())
        .isEqualTo(RankTable.Kind.LOOPBACK);
  }

  @Test
  void cpuRanksOfSeveralJvmsUseTcp() {
    assertThat(table(rank("h", "j", "cpu"), rank("h", "k", "cpu")).kind())
        .isEqualTo(RankTable.Kind.TCP);
  }

  @Test
  void gpuRanksUseNcclEvenInOneJvm() {
    assertThat(table(rank("h", "j", "cuda:0"), rank("h", "j", "cuda:1")).kind())
        .isEqualTo(RankTable.Kind.NCCL);
  }

  @Test
  void mixedDevicesAreRefused() {
    assertThatThrownBy(() -> table(rank("a", "j", "cuda:0"), rank("b", "k", "cpu")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("rank 0 on a is on cuda:0", "rank 1 on b is on cpu", "Set the");
  }

  @Test
  void twoRanksOnOneGpuAreRefused() {
    assertThatThrownBy(
            () ->
                table(rank("a", "j", "cuda:0"), rank("b", "k", "cuda:0"), rank("a", "l", "cuda:0")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Ranks 0 and 2 share cuda:0 of host a", "Give every task");
  }

  @Test
  void anUnknownDeviceIsRefused() {
    assertThatThrownBy(() -> table(rank("a", "j", "tpu")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown device 'tpu'");
  }
}
