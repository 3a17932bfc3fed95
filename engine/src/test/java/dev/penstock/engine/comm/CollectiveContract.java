package dev.penstock.engine.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every transport does for groups of ranks. */
public abstract class CollectiveContract extends MessageContract {
  @ParameterizedTest
  @EnumSource(ReduceOp.class)
  void allReduceCombinesTheValuesOfAllRanks(ReduceOp op) {
    TensorSpec spec = TensorSpec.of(ScalarType.Long, 5);
    runAll(
        3,
        transport -> {
          try (Tensor tensor = filled(transport.rank() + 1, spec)) {
            transport.allReduce(tensor, op, List.of(0, 1, 2));
            double expected =
                switch (op) {
                  case SUM -> 6;
                  case MAX -> 3;
                  case MIN -> 1;
                };
            assertThat(first(tensor)).isEqualTo(expected);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = ScalarType.class,
      names = {"Float", "Double", "BFloat16"})
  void allReduceGivesTheSameBitsOnEveryRankAndInEveryRun(ScalarType dtype) {
    List<String> once = sums(dtype);
    assertThat(once).containsOnly(once.get(0));
    assertThat(sums(dtype)).isEqualTo(once);
  }

  private List<String> sums(ScalarType dtype) {
    return run(
        4,
        transport -> {
          try (PointerScope scope = new PointerScope()) {
            Tensor tensor = noise(transport.rank(), 1001).to(new Device(device()), dtype);
            transport.allReduce(tensor, ReduceOp.SUM, List.of(0, 1, 2, 3));
            Tensor bits = tensor.to(ScalarType.Double).cpu().contiguous();
            double[] values = new double[1001];
            bits.data_ptr_double().get(values);
            return java.util.Arrays.toString(values);
          }
        });
  }

  /** The same numbers whichever thread asks, with mantissas that make addition order visible. */
  private static Tensor noise(int seed, int length) {
    return torch
        .arange(new Scalar((double) length), new TensorOptions(ScalarType.Double))
        .add(new Scalar(1.0 + 1000.0 * seed))
        .sin()
        .mul(new Scalar(Math.pow(10, 3 * seed)));
  }

  @Test
  void groupsOfRanksReduceApartFromEachOther() {
    runAll(
        4,
        transport -> {
          List<Integer> group = transport.rank() % 2 == 0 ? List.of(0, 2) : List.of(1, 3);
          try (Tensor tensor = filled(transport.rank(), FLOATS)) {
            transport.allReduce(tensor, ReduceOp.SUM, group);
            assertThat(first(tensor)).isEqualTo(group.get(0) + group.get(1));
            transport.allReduce(tensor, ReduceOp.SUM, List.of(0, 1, 2, 3));
            assertThat(first(tensor)).isEqualTo(12);
          }
        });
  }

  @Test
  void collectivesDoNotDisturbMessagesUnderWay() {
    runAll(
        2,
        transport -> {
          int peer = 1 - transport.rank();
          PendingReceive pending = transport.receive(FLOATS, peer, 0);
          try (Tensor tensor = filled(1, FLOATS)) {
            transport.allReduce(tensor, ReduceOp.SUM, List.of(0, 1));
            assertThat(first(tensor)).isEqualTo(2);
          }
          send(transport, transport.rank(), peer, 0);
          assertThat(valueOf(pending)).isEqualTo(peer);
        });
  }

  @Test
  void broadcastCopiesTheRootsTensor() {
    runAll(
        3,
        transport -> {
          try (Tensor tensor = filled(transport.rank(), FLOATS)) {
            transport.broadcast(tensor, 1, List.of(0, 1, 2));
            assertThat(first(tensor)).isEqualTo(1);
            transport.broadcast(tensor, 2, List.of(0, 1, 2));
            assertThat(first(tensor)).isEqualTo(1);
          }
        });
  }

  @Test
  void noRankPassesABarrierBeforeAllHaveCome() {
    CountDownLatch come = new CountDownLatch(3);
    runAll(
        3,
        transport -> {
          come.countDown();
          transport.barrier(List.of(0, 1, 2));
          assertThat(come.getCount()).isZero();
        });
  }

  @Test
  void oneRankAloneNeedsNobody() {
    runAll(
        1,
        transport -> {
          try (Tensor tensor = filled(3, FLOATS)) {
            transport.allReduce(tensor, ReduceOp.SUM, List.of(0));
            transport.broadcast(tensor, 0, List.of(0));
            transport.barrier(List.of(0));
            assertThat(first(tensor)).isEqualTo(3);
          }
        });
  }
}
