package dev.penstock.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest extends LeaseContract {
  @TempDir Path temp;

  @Override
  protected Folder folder() {
    return new LocalFolder(temp.resolve("folder"));
  }

  @Test
  void holderIsWhatItsFileSays() {
    LeaseHolder holder = LeaseHolder.now("run of\nsomebody", 3);
    assertThat(LeaseHolder.parse(holder.toBytes(true))).isEqualTo(holder);
    assertThat(holder.owner()).isEqualTo("run of somebody");
    assertThat(LeaseHolder.isHeld(holder.toBytes(true))).isTrue();
    assertThat(LeaseHolder.isHeld(holder.toBytes(false))).isFalse();
  }

  @Test
  void renewalThatIsTooSeldomIsRefused() {
    assertThatThrownBy(() -> new LeaseTiming(Duration.ofSeconds(3), Duration.ofSeconds(2)))
        .hasMessageContainingAll("PT2S", "PT3S");
  }
}
