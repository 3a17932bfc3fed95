package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.storage.SessionJars;
import java.util.List;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jars that come with a session have a class loader of their own; libtorch is there once. */
class SessionJarsTest {
  /** Runs in a class loader of its own. */
  public static final class Training implements Callable<List<Double>> {
    @Override
    public List<Double> call() {
      List<Double> losses = new TestingRun(2, 1, "1f1b", 2).losses(true);
      try (Tensor two = torch.ones(2);
          Tensor three = torch.ones(3)) {
        assertThatThrownBy(() -> two.add(three))
            .isInstanceOf(RuntimeException.class)
            .hasMessageContaining("must match");
      }
      return losses;
    }
  }

  @Test
  @Timeout(300)
  void eachClassLoaderOfAProcessTrainsAtTheSameTime() throws Exception {
    List<Object> losses = SessionJars.callIn(3, Training.class);
    assertThat(losses).containsOnly(new Training().call());
  }
}
