package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.model.rope.DynamicScaling;
import dev.penstock.engine.model.rope.RopeScaling;
import dev.penstock.engine.model.rope.RopeSpec;
import dev.penstock.engine.torch.HostTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedTablesTest {
  private static final int LONGEST = 1_000;
  private static final RopeSpec PLAIN = new RopeSpec(10_000, 8, RopeScaling.NONE);
  private static final RopeSpec DYNAMIC = new RopeSpec(10_000, 8, new DynamicScaling(2, 64));

  private final TensorOptions options = HostTensors.options(ScalarType.Float, "cpu");

  @AfterEach
  void close() {
    options.close();
  }

  private float[] alone(RopeSpec spec, int first, int length) {
    try (RotaryTables tables = new RotaryTables(options);
        PointerScope scope = new PointerScope()) {
      RotaryTables.Table table = tables.table(spec, first, length);
      return HostTensors.toFloats(HostTensors.concatenate(0, table.cos(), table.signedSin()));
    }
  }

  @Test
  void rotaryTablesGrowWithThePositionsAndNotWithTheQuestions() {
    try (RotaryTables tables = new RotaryTables(options)) {
      for (int length = 2; length <= LONGEST; length++) {
        try (PointerScope scope = new PointerScope()) {
          tables.table(PLAIN, 0, length);
          tables.table(PLAIN, length, 1);
          tables.table(DYNAMIC, 0, length);
        }
        assertThat(tables.keptPositions()).isLessThanOrEqualTo(4 * (length + 1));
      }
    }
  }

  @Test
  void rotaryTablesAreThoseMadeForEachLength() {
    int[][] questions = {{0, 5}, {0, 9}, {5, 1}, {8, 3}, {0, 70}, {70, 1}, {71, 1}, {0, 9}, {3, 4}};
    for (RopeSpec spec : new RopeSpec[] {PLAIN, DYNAMIC}) {
      try (RotaryTables tables = new RotaryTables(options);
          PointerScope scope = new PointerScope()) {
        for (int[] question : questions) {
          RotaryTables.Table table = tables.table(spec, question[0], question[1]);
          assertThat(
                  HostTensors.toFloats(HostTensors.concatenate(0, table.cos(), table.signedSin())))
              .isEqualTo(alone(spec, question[0], question[1]));
        }
      }
    }
  }

  @Test
  void masksGrowWithTheLengthAndNotWithTheQuestions() {
    int chunk = 4;
    try (AttentionMasks masks = new AttentionMasks(options)) {
      for (int before = 0; before <= LONGEST; before += chunk) {
        try (PointerScope scope = new PointerScope()) {
          masks.mask(3, chunk, chunk, Math.min(before, chunk));
          masks.mask(0, chunk, chunk, before);
        }
        assertThat(masks.keptElements()).isLessThanOrEqualTo(2L * chunk * (before + 2 * chunk));
      }
    }
  }

  @Test
  void aMaskHidesWhatIsLaterOrTooLongAgo() {
    int chunk = 4;
    try (AttentionMasks masks = new AttentionMasks(options);
        PointerScope scope = new PointerScope()) {
      for (int before : new int[] {0, 8, 4}) {
        for (int queries : new int[] {4, 3}) {
          for (int window : new int[] {0, 3}) {
            Tensor mask = masks.mask(window, chunk, queries, before);
            assertThat(HostTensors.shape(mask)).containsExactly(queries, before + queries);
            float[] values = HostTensors.toFloats(mask);
            for (int i = 0; i < values.length; i++) {
              int query = before + i / (before + queries);
              int key = i % (before + queries);
              boolean visible = key <= query && (window == 0 || query - key < window);
              assertThat(values[i]).isEqualTo(visible ? 0f : Float.NEGATIVE_INFINITY);
            }
          }
        }
      }
    }
  }
}
