package dev.penstock.spark.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ModelPoolTest {
  private static final long IDLE = 100;

  private final List<String> loaded = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private final ModelPool<String, Value> pool = new ModelPool<>(10, IDLE, now::get);

  /** Takes as much memory as its name says. */
  private final class Value implements AutoCloseable {
    private final String name;

    Value(String name) {
      this.name = name;
    }

    @Override
    public void close() {
      closed.add(name);
    }
  }

  private final class Loader implements ModelPool.Loader<String, Value> {
    @Override
    public long bytes(String name) {
      return Long.parseLong(name.substring(1));
    }

    @Override
    public Value load(String name) throws IOException {
      if (name.startsWith("x")) {
        throw new IOException("no " + name);
      }
      loaded.add(name);
      return new Value(name);
    }
  }

  private void use(String name) throws IOException {
    assertThat(pool.<String>use(name, new Loader(), value -> value.name)).isEqualTo(name);
  }

  @Test
  void valuesThatFitStaySideBySide() throws IOException {
    for (int round = 0; round < 20; round++) {
      use("a4");
      use("b6");
    }
    assertThat(loaded).containsExactly("a4", "b6");
    assertThat(closed).isEmpty();
  }

  @Test
  void theLeastRecentlyUsedMakesRoomBeforeAnotherIsLoaded() throws IOException {
    use("a4");
    use("b4");
    use("a4");
    use("c3");
    assertThat(closed).containsExactly("b4");
    use("d20");
    assertThat(closed).containsExactly("b4", "a4", "c3");
    use("d20");
    assertThat(loaded).containsExactly("a4", "b4", "c3", "d20");
  }

  @Test
  void whatNobodyUsesGoes() throws IOException {
    use("a1");
    now.set(IDLE - 1);
    use("b1");
    pool.closeIdle();
    assertThat(closed).isEmpty();
    now.set(IDLE);
    pool.closeIdle();
    assertThat(closed).containsExactly("a1");
    use("a1");
    pool.closeAll();
    assertThat(closed).containsExactlyInAnyOrder("a1", "a1", "b1");
    assertThat(loaded).containsExactly("a1", "b1", "a1");
  }

  @Test
  void whatCannotBeLoadedIsNotKept() throws IOException {
    assertThatThrownBy(() -> use("x1")).hasMessage("no x1");
    use("a10");
    pool.closeAll();
    assertThat(closed).containsExactly("a10");
  }
}
