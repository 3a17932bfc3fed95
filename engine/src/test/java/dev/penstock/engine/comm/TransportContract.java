package dev.penstock.engine.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every transport does. */
public abstract class TransportContract {
  protected static final Duration PATIENT = Duration.ofSeconds(30);
  private static final TensorSpec FLOATS = TensorSpec.of(ScalarType.Float, 2, 3);
  private static final int MEGA = 1 << 20;

  /** Prepares a run; the returned function is called once for each rank, on its thread. */
  protected abstract IntFunction<Transport> newRun(int size, Duration timeout);

  /** Where the tensors of a rank are; {@code cuda}: on the current device of its thread. */
  protected String device() {
    return "cpu";
  }

  private <T> List<T> run(int size, Ranks.Body<T> body) {
    return Ranks.run(size, newRun(size, PATIENT), body);
  }

  /** A body without a result. */
  private interface Action {
    void run(Transport transport) throws Exception;
  }

  private void runAll(int size, Action action) {
    run(
        size,
        transport -> {
          action.run(transport);
          return true;
        });
  }

  protected final Tensor filled(double value, TensorSpec spec) {
    try (PointerScope scope = new PointerScope()) {
      TensorOptions options =
          new TensorOptions(spec.dtype()).device(new DeviceOptional(new Device(device())));
      return torch.full(spec.sizes(), new Scalar(value), options).retainReference();
    }
  }

  protected static double first(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      return tensor.reshape(-1).select(0, 0).to(ScalarType.Double).item_double();
    }
  }

  protected final void send(Transport transport, double value, int peer, long tag) {
    try (Tensor tensor = filled(value, FLOATS)) {
      transport.send(tensor, peer, tag).await();
    }
  }

  protected final double receive(Transport transport, int peer, long tag) {
    return valueOf(transport.receive(FLOATS, peer, tag));
  }

  private static double valueOf(PendingReceive pending) {
    try (Tensor tensor = pending.await()) {
      return first(tensor);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ScalarType.class,
      names = {"Float", "Double", "Long", "BFloat16"})
  void valuesShapeAndDtypeArrive(ScalarType dtype) {
    TensorSpec spec = TensorSpec.of(dtype, 4, 5);
    runAll(
        2,
        transport -> {
          try (PointerScope scope = new PointerScope()) {
            Tensor expected =
                torch.arange(new Scalar(20.0)).reshape(4, 5).to(new Device(device()), dtype);
            if (transport.rank() == 0) {
              transport.send(expected, 1, 3).await();
            } else {
              Tensor actual = transport.receive(spec, 0, 3).await();
              assertThat(TensorSpec.of(actual)).isEqualTo(spec);
              assertThat(actual.equal(expected)).isTrue();
              assertThat(actual.requires_grad()).isFalse();
              actual.close();
            }
          }
        });
  }

  @Test
  void aTransposedTensorThatRequiresGradArrivesContiguousAndDetached() {
    runAll(
        2,
        transport -> {
          try (PointerScope scope = new PointerScope()) {
            Tensor tensor =
                torch
                    .arange(new Scalar(6.0))
                    .to(new Device(device()), ScalarType.Float)
                    .reshape(3, 2)
                    .t();
            if (transport.rank() == 0) {
              transport.send(tensor.set_requires_grad(true), 1, 3).await();
            } else {
              Tensor actual = transport.receive(FLOATS, 0, 3).await();
              assertThat(actual.is_contiguous()).isTrue();
              assertThat(actual.requires_grad()).isFalse();
              assertThat(actual.equal(tensor)).isTrue();
              actual.close();
            }
          }
        });
  }

  @Test
  void whatArrivesOutlivesTheSendersTensorAndTheReceiversScope() {
    runAll(
        2,
        transport -> {
          if (transport.rank() == 0) {
            send(transport, 5, 1, 0);
          } else {
            Tensor received;
            try (PointerScope scope = new PointerScope()) {
              received = transport.receive(FLOATS, 0, 0).await();
            }
            assertThat(first(received)).isEqualTo(5);
            received.close();
          }
        });
  }

  @Test
  void messagesOfOneTagAreMatchedInTheOrderTheyWerePosted() {
    runAll(
        2,
        transport -> {
          if (transport.rank() == 0) {
            IntStream.range(0, 4).forEach(i -> send(transport, i, 1, 7));
          } else {
            PendingReceive a = transport.receive(FLOATS, 0, 7);
            PendingReceive b = transport.receive(FLOATS, 0, 7);
            assertThat(valueOf(b)).isEqualTo(1);
            assertThat(valueOf(a)).isEqualTo(0);
            assertThat(receive(transport, 0, 7)).isEqualTo(2);
            assertThat(receive(transport, 0, 7)).isEqualTo(3);
          }
        });
  }

  @Test
  void manyMessagesMayBeUnderWayAndBeTakenInAnyOrderOfTags() {
    int count = 64;
    runAll(
        2,
        transport -> {
          int peer = 1 - transport.rank();
          List<PendingReceive> receives = new ArrayList<>();
          for (int tag = 0; tag < count; tag++) {
            receives.add(transport.receive(FLOATS, peer, tag));
          }
          List<PendingSend> sends = new ArrayList<>();
          List<Tensor> tensors = new ArrayList<>();
          for (int tag = count - 1; tag >= 0; tag--) {
            Tensor tensor = filled(tag, FLOATS);
            tensors.add(tensor);
            sends.add(transport.send(tensor, peer, tag));
          }
          List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
          Collections.shuffle(order, new java.util.Random(1));
          for (int tag : order) {
            assertThat(valueOf(receives.get(tag))).isEqualTo(tag);
          }
          sends.forEach(PendingSend::await);
          tensors.forEach(Tensor::close);
        });
  }

  @Test
  void largeMessagesInBothDirectionsDoNotBlockEachOther() {
    TensorSpec spec = TensorSpec.of(ScalarType.Float, MEGA);
    runAll(
        2,
        transport -> {
          int peer = 1 - transport.rank();
          for (int i = 0; i < 3; i++) {
            Tensor tensor = filled(transport.rank() + 10 * i, spec);
            PendingSend send = transport.send(tensor, peer, i);
            assertThat(valueOf(transport.receive(spec, peer, i))).isEqualTo(peer + 10 * i);
            send.await();
            tensor.close();
          }
        });
  }

  @Test
  void sendDoesNotWaitForAReceive() {
    CountDownLatch sent = new CountDownLatch(1);
    TensorSpec spec = TensorSpec.of(ScalarType.Float, 4 * MEGA);
    runAll(
        2,
        transport -> {
          if (transport.rank() == 0) {
            try (Tensor tensor = filled(1, spec)) {
              PendingSend pending = transport.send(tensor, 1, 0);
              sent.countDown();
              pending.await();
            }
          } else {
            assertThat(sent.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(valueOf(transport.receive(spec, 0, 0))).isEqualTo(1);
          }
        });
  }

  @Test
  void isDoneTurnsTrueOnceTheMessageIsThere() {
    runAll(
        2,
        transport -> {
          if (transport.rank() == 0) {
            assertThat(receive(transport, 1, 1)).isEqualTo(2);
            send(transport, 1, 1, 0);
          } else {
            PendingReceive pending = transport.receive(FLOATS, 0, 0);
            assertThat(pending.isDone()).isFalse();
            send(transport, 2, 0, 1);
            long deadline = System.nanoTime() + PATIENT.toNanos();
            while (!pending.isDone() && System.nanoTime() < deadline) {
              Thread.onSpinWait();
            }
            assertThat(pending.isDone()).isTrue();
            assertThat(valueOf(pending)).isEqualTo(1);
          }
        });
  }

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

  @Test
  void aReceiveThatNobodyAnswersTimesOutAndNamesPeerAndTag() {
    CountDownLatch failed = new CountDownLatch(1);
    Ranks.run(
        2,
        newRun(2, Duration.ofMillis(1500)),
        transport -> {
          if (transport.rank() == 0) {
            assertThatThrownBy(() -> receive(transport, 1, 42))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("Rank 0", "timed out after 1500 ms", "tag 42", "rank 1");
            failed.countDown();
          } else {
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
          }
          return true;
        });
  }

  @Test
  void aBarrierThatOneRankMissesTimesOut() {
    CountDownLatch failed = new CountDownLatch(1);
    Ranks.run(
        2,
        newRun(2, Duration.ofMillis(1500)),
        transport -> {
          if (transport.rank() == 0) {
            assertThatThrownBy(() -> transport.barrier(List.of(0, 1)))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("Rank 0", "timed out after 1500 ms", "barrier");
            failed.countDown();
          } else {
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
          }
          return true;
        });
  }

  @Test
  void abortEndsABlockedReceiveAtOnceAndFailsLaterOperations() {
    CountDownLatch failed = new CountDownLatch(1);
    runAll(
        2,
        transport -> {
          if (transport.rank() == 1) {
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
            return;
          }
          PendingReceive pending = transport.receive(FLOATS, 1, 42);
          CountDownLatch waiting = new CountDownLatch(1);
          long[] abortedAt = new long[1];
          Thread watchdog =
              new Thread(
                  () -> {
                    awaitQuietly(waiting);
                    abortedAt[0] = System.nanoTime();
                    transport.abort(new IllegalStateException("step took too long"));
                  });
          watchdog.start();
          waiting.countDown();
          assertThatThrownBy(pending::await)
              .isInstanceOf(TransportException.class)
              .hasMessageContainingAll("Rank 0", "tag 42", "rank 1", "step took too long")
              .hasCauseInstanceOf(IllegalStateException.class);
          watchdog.join();
          assertThat(Duration.ofNanos(System.nanoTime() - abortedAt[0]))
              .isLessThan(Duration.ofSeconds(1));
          assertThat(catchThrowable(() -> send(transport, 0, 1, 0)))
              .isInstanceOf(TransportException.class);
          assertThat(catchThrowable(() -> transport.barrier(List.of(0, 1))))
              .isInstanceOf(TransportException.class);
          failed.countDown();
        });
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  protected void aPeerThatLeavesFailsThoseWhoWaitForIt() {
    long start = System.nanoTime();
    runAll(
        2,
        transport -> {
          if (transport.rank() == 0) {
            assertThatThrownBy(() -> receive(transport, 1, 42))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("Rank 0", "tag 42", "rank 1");
          }
        });
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void wrongPeersAndGroupsAreRefused() {
    runAll(
        2,
        transport -> {
          int rank = transport.rank();
          assertThatThrownBy(() -> receive(transport, rank, 0))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> receive(transport, 2, 0))
              .isInstanceOf(IndexOutOfBoundsException.class);
          assertThatThrownBy(() -> transport.barrier(List.of(1 - rank)))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> transport.barrier(List.of(1, 0)))
              .isInstanceOf(IllegalArgumentException.class);
          transport.barrier(List.of(0, 1));
        });
  }

  @Test
  void closeMayBeCalledTwice() {
    runAll(
        2,
        transport -> {
          transport.barrier(List.of(0, 1));
          transport.close();
          transport.close();
          assertThatThrownBy(() -> transport.barrier(List.of(0, 1)))
              .isInstanceOf(TransportException.class);
        });
  }

  @Test
  void memoryDoesNotGrowOverManyRoundTrips() {
    TensorSpec spec = TensorSpec.of(ScalarType.Float, 64, 1024);
    runAll(
        2,
        transport -> {
          roundTrips(transport, spec, 200);
          long before = Pointer.physicalBytes();
          roundTrips(transport, spec, 2000);
          assertThat(Pointer.physicalBytes() - before).isLessThan(64L << 20);
        });
  }

  private void roundTrips(Transport transport, TensorSpec spec, int count) {
    int peer = 1 - transport.rank();
    for (int i = 0; i < count; i++) {
      try (Tensor tensor = filled(i, spec)) {
        PendingSend send = transport.send(tensor, peer, i);
        transport.receive(spec, peer, i).await().close();
        send.await();
      }
      if (i % 10 == 0) {
        transport.barrier(List.of(0, 1));
      }
    }
  }
}
