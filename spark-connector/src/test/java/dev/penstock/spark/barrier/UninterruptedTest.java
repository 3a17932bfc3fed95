package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class UninterruptedTest {
  @Test
  void interruptsDoNotReachTheWork() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicBoolean done = new AtomicBoolean();
    AtomicBoolean kept = new AtomicBoolean();
    Thread task =
        new Thread(
            () -> {
              Uninterrupted.run(
                  "work",
                  () -> {
                    begun.countDown();
                    try {
                      interrupted.await();
                      done.set(true);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
              kept.set(Thread.currentThread().isInterrupted());
            });
    task.start();
    begun.await();
    task.interrupt();
    interrupted.countDown();
    task.join();
    assertThat(done).isTrue();
    assertThat(kept).isTrue();
  }
}
