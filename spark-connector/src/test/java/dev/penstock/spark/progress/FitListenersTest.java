package dev.penstock.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FitListenersTest {
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final FitListeners listeners = new FitListeners();

  private FitListener recording(String name) {
    return new FitListener() {
      @Override
      public void on(FitEvent event) {
        heard.add(name + " " + ((FitEvent.Noted) event).line());
      }

      @Override
      public void close() {
        heard.add(name + " closed");
      }
    };
  }

  private void tell(String line) {
    listeners.tell(new FitEvent.Noted(line));
  }

  @Test
  void everyListenerHearsAllInOrderAndThenItsEnd() {
    listeners.add("a", recording("a"));
    listeners.addDirect("b", recording("b"));
    tell("1");
    tell("2");
    listeners.close();
    assertThat(heard).containsSubsequence("a 1", "a 2", "a closed");
    assertThat(heard).containsSubsequence("b 1", "b 2", "b closed").hasSize(6);
  }

  @Test
  void whatAListenerThrowsReachesNobody() {
    listeners.add(
        "broken",
        event -> {
          throw new NoClassDefFoundError("org/example/Tracker");
        });
    listeners.addDirect(
        "broken too",
        event -> {
          throw new java.io.IOException("no server");
        });
    listeners.add("a", recording("a"));
    tell("1");
    tell("2");
    listeners.close();
    assertThat(heard).containsExactly("a 1", "a 2", "a closed");
  }

  @Test
  void slowListenerDelaysNoOther() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch others = new CountDownLatch(2);
    listeners.add("slow", event -> release.await());
    listeners.add("a", event -> others.countDown());
    tell("1");
    tell("2");
    others.await();
    release.countDown();
    listeners.close();
  }

  @Test
  void interruptOfTheCallerDoesNotLoseWhatWasTold() {
    listeners.add("a", recording("a"));
    tell("1");
    Thread.currentThread().interrupt();
    listeners.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(heard).containsExactly("a 1", "a closed");
  }
}
