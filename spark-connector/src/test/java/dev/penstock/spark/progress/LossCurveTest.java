package dev.penstock.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LossCurveTest {
  @Test
  void fallingLossFallsFromCornerToCorner() {
    double[] losses = IntStream.range(0, 640).mapToDouble(step -> 8 - step / 100.0).toArray();
    String[] lines = LossCurve.draw(losses).split("\n");
    assertThat(lines).hasSize(14);
    assertThat(lines[0]).startsWith("   7.955 |**").endsWith("*");
    assertThat(lines[11]).startsWith("   1.655 |").hasSize(10 + 64);
    assertThat(lines[13]).contains("1").endsWith("640 steps");
  }

  @Test
  void oneStepIsOnePoint() {
    assertThat(LossCurve.draw(new double[] {2.5})).contains("2.500 |*");
  }

  @Test
  void noStepsDrawNothing() {
    assertThat(LossCurve.draw(new double[0])).isEqualTo("no steps\n");
  }
}
