package dev.penstock.engine.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NcclUniqueIdTest {
  static NcclUniqueId id(long seed) {
    byte[] bytes = new byte[NcclUniqueId.LENGTH];
    new Random(seed).nextBytes(bytes);
    return NcclUniqueId.of(bytes);
  }

  @Test
  void whatIsEncodedIsDecoded() {
    NcclUniqueId id = id(1);
    assertThat(NcclUniqueId.decode(id.encode())).isEqualTo(id).hasSameHashCodeAs(id);
    assertThat(NcclUniqueId.decode(id.encode()).bytes()).isEqualTo(id.bytes());
    assertThat(id).isNotEqualTo(id(2));
    assertThat(id.encode()).doesNotContain(" ", "\n");
  }

  @Test
  void anIdOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> NcclUniqueId.decode("AAAA"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("128 bytes, not 3");
  }
}
