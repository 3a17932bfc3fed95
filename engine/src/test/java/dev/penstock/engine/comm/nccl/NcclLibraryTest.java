package dev.penstock.engine.comm.nccl;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NcclLibraryTest {
  static boolean available() {
    try {
      NcclLibrary.require();
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Test
  void aNodeWithoutTheLibrariesIsToldWhatToDo() {
    assumeFalse(available(), "this node has NCCL");
    assertThatThrownBy(
            () ->
                NcclTransport.connect(
                    LoopbackRendezvous.create(1).get(0), "cuda:0", Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "NCCL is not available on this node", "Use device=cpu, or install");
  }
}
