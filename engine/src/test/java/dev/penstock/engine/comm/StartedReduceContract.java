package dev.penstock.engine.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every transport does with reductions that are started before their result is needed. */
public abstract class StartedReduceContract {
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final int LENGTH = 1001;

  /** Prepares a run; the returned function is called once for each rank, on its thread. */
  protected abstract IntFunction<Transport> newRun(int size, Duration timeout);

  private <T> List<T> run(int size, Ranks.Body<T> body) {
    return Ranks.run(
        size,
        newRun(size, PATIENT),
        transport -> {
          try (PointerScope scope = new PointerScope()) {
            return body.run(transport);
          }
        });
  }

  private static List<Integer> all(Transport transport) {
    return IntStream.range(0, transport.size()).boxed().toList();
  }

  private static Tensor values(int rank, int number) {
    return torch
        .arange(new org.bytedeco.pytorch.Scalar((double) LENGTH))
        .to(ScalarType.Float)
        .mul(new org.bytedeco.pytorch.Scalar(1.1 + rank))
        .add(new org.bytedeco.pytorch.Scalar(0.3 * number));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void manyReductionsUnderWayGiveTheBitsOfThoseThatBlock(int size) {
    run(
        size,
        transport -> {
          List<Tensor> tensors = new ArrayList<>();
          List<PendingReduce> started = new ArrayList<>();
          for (int number = 0; number < 4; number++) {
            tensors.add(values(transport.rank(), number));
            started.add(
                transport.startAllReduce(tensors.get(number), ReduceOp.SUM, all(transport)));
          }
          for (int number : new int[] {2, 0, 3, 1}) {
            started.get(number).await();
          }
          for (int number = 0; number < 4; number++) {
            Tensor expected = values(transport.rank(), number);
            transport.allReduce(expected, ReduceOp.SUM, all(transport));
            assertThat(tensors.get(number).equal(expected)).isTrue();
          }
          return true;
        });
  }

  @Test
  void otherOperationsMayComeInBetween() {
    run(
        2,
        transport -> {
          int peer = 1 - transport.rank();
          Tensor tensor = values(transport.rank(), 0);
          Tensor single = values(transport.rank(), 1);
          PendingReduce reduce = transport.startAllReduce(tensor, ReduceOp.MAX, all(transport));
          transport.allReduce(single, ReduceOp.MAX, all(transport));
          PendingSend send = transport.send(single, peer, 5);
          transport.receive(TensorSpec.of(single), peer, 5).await().close();
          send.await();
          transport.barrier(all(transport));
          reduce.await();
          assertThat(tensor.equal(values(1, 0))).isTrue();
          assertThat(single.equal(values(1, 1))).isTrue();
          return true;
        });
  }

  @Test
  void aReductionIsDoneOnceAllHaveStartedAndAdvancedIt() {
    run(
        2,
        transport -> {
          Tensor tensor = values(transport.rank(), 0);
          if (transport.rank() == 1) {
            transport.receive(TensorSpec.of(tensor), 0, 1).await().close();
          }
          PendingReduce reduce = transport.startAllReduce(tensor, ReduceOp.SUM, all(transport));
          if (transport.rank() == 0) {
            assertThat(reduce.advance()).isFalse();
            try (Tensor message = values(0, 0)) {
              transport.send(message, 1, 1).await();
            }
          }
          while (!reduce.advance()) {
            Thread.onSpinWait();
          }
          reduce.await();
          return true;
        });
  }

  @Test
  void groupsReduceApartFromEachOther() {
    run(
        4,
        transport -> {
          int first = transport.rank() / 2 * 2;
          Tensor tensor = values(transport.rank(), 0);
          PendingReduce reduce =
              transport.startAllReduce(tensor, ReduceOp.MAX, List.of(first, first + 1));
          reduce.await();
          assertThat(tensor.equal(values(first + 1, 0))).isTrue();
          return true;
        });
  }

  @Test
  void abortEndsTheWait() {
    run(
        2,
        transport -> {
          if (transport.rank() == 0) {
            PendingReduce reduce =
                transport.startAllReduce(values(0, 0), ReduceOp.SUM, all(transport));
            transport.abort(new IllegalStateException("enough"));
            assertThatThrownBy(reduce::await)
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("enough");
          }
          return true;
        });
  }

  @Test
  void memoryDoesNotGrowOverManyReductions() {
    run(
        2,
        transport -> {
          reduceOften(transport, 50);
          long before = Pointer.physicalBytes();
          reduceOften(transport, 400);
          assertThat(Pointer.physicalBytes() - before).isLessThan(100L << 20);
          return true;
        });
  }

  private static void reduceOften(Transport transport, int times) {
    for (int i = 0; i < times; i++) {
      try (PointerScope scope = new PointerScope()) {
        Tensor tensor = torch.ones(1 << 18);
        PendingReduce reduce = transport.startAllReduce(tensor, ReduceOp.SUM, all(transport));
        reduce.advance();
        reduce.await();
      }
    }
  }
}
