package dev.penstock.engine.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How every transport carries messages from one rank to another. */
public abstract class MessageContract extends TransportRuns {
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
}
