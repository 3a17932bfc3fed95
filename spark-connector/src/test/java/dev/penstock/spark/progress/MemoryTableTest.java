package dev.penstock.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.plan.MemoryEstimate;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTableTest {
  private static final List<MemoryEstimate> ESTIMATES =
      List.of(
          new MemoryEstimate(
              0, 2_000_000_000, 1_000_000, 2_000_000, 4_100_000, 300_000, 500_000, 7_000_000),
          new MemoryEstimate(1, 1_000_000, 1_000_000, 2_000_000, 0, 0, 0, 0));

  @Test
  void everyRankHasARow() {
    assertThat(MemoryTable.draw(ESTIMATES))
        .isEqualTo(
            """
            rank     weights   gradients     moments  activations  checkpoint     tensors  recompute saves
               0     2,000.0         1.0         2.0          4.4         0.5     2,007.9              7.0
               1         1.0         1.0         2.0          0.0         0.0         4.0              0.0
            """);
  }

  @Test
  void measuredMemoryStandsBesideIt() {
    assertThat(MemoryTable.draw(ESTIMATES, List.of(2_500_000_000L, 300_000_000L)).lines())
        .extracting(line -> line.substring(line.length() - 14))
        .containsExactly("  process peak", "       2,500.0", "         300.0");
  }
}
