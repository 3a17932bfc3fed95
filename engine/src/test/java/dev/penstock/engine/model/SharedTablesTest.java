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
    try (AttentionMasks masks = new AttentionMasks(options)) {
      for (int length = 2; length <= LONGEST; length++) {
        try (PointerScope scope = new PointerScope()) {
          masks.mask(length, 3, length);
          masks.mask(length, 0, length);
        }
        assertThat(masks.keptElements()).isLessThanOrEqualTo(4L * length * length);
      }
    }
  }

  @Test
  void aMaskHidesWhatIsLaterOrTooLongAgo() {
    try (AttentionMasks masks = new AttentionMasks(options);
        PointerScope scope = new PointerScope()) {
      for (int length : new int[] {3, 7, 4}) {
        for (int window : new int[] {0, 3}) {
          Tensor mask = masks.mask(length, window, length);
          assertThat(HostTensors.shape(mask)).containsExactly(length, length);
          float[] values = HostTensors.toFloats(mask);
          for (int query = 0; query < length; query++) {
            for (int key = 0; key < length; key++) {
              boolean visible = key <= query && (window == 0 || query - key < window);
              assertThat(values[query * length + key])
                  .isEqualTo(visible ? 0f : Float.NEGATIVE_INFINITY);
            }
          }
        }
      }
    }
  }
}
