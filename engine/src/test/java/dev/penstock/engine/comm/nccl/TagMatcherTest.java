package dev.penstock.engine.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TagMatcherTest {
  /** Buffers by name, with the tag that arrived in each so far. */
  private final Map<String, Long> arrived = new HashMap<>();

  private final TagMatcher<String> matcher =
      new TagMatcher<>(
          new TagMatcher.Arrivals<>() {
            @Override
            public boolean isDone(String buffer) {
              return arrived.containsKey(buffer);
            }

            @Override
            public long awaitTag(String buffer) {
              return arrived.get(buffer);
            }
          });

  @Test
  void messagesInTheOrderOfTheReceivesKeepTheirBuffers() {
    TagMatcher<String>.Slot a = matcher.post(5, "first");
    TagMatcher<String>.Slot b = matcher.post(6, "second");
    arrived.put("first", 5L);
    arrived.put("second", 6L);
    assertThat(matcher.take(a)).isEqualTo("first");
    assertThat(matcher.take(b)).isEqualTo("second");
  }

  @Test
  void aReceiveGetsTheBufferInWhichItsTagArrived() {
    TagMatcher<String>.Slot a = matcher.post(5, "first");
    TagMatcher<String>.Slot b = matcher.post(6, "second");
    arrived.put("first", 6L);
    arrived.put("second", 5L);
    assertThat(matcher.take(a)).isEqualTo("second");
    assertThat(matcher.take(b)).isEqualTo("first");
  }

  @Test
  void receivesOfOneTagAreServedInTheOrderTheyWerePosted() {
    TagMatcher<String>.Slot a = matcher.post(5, "first");
    TagMatcher<String>.Slot b = matcher.post(5, "second");
    arrived.put("first", 5L);
    arrived.put("second", 5L);
    assertThat(matcher.take(b)).isEqualTo("second");
    assertThat(matcher.take(a)).isEqualTo("first");
  }

  @Test
  void isDoneLooksAsFarAsMessagesHaveArrived() {
    TagMatcher<String>.Slot a = matcher.post(5, "first");
    TagMatcher<String>.Slot b = matcher.post(6, "second");
    assertThat(matcher.isDone(a)).isFalse();
    arrived.put("first", 6L);
    assertThat(matcher.isDone(a)).isFalse();
    assertThat(matcher.isDone(b)).isTrue();
    arrived.put("second", 5L);
    assertThat(matcher.isDone(a)).isTrue();
  }

  @Test
  void aTagNobodyWaitsForIsAnError() {
    TagMatcher<String>.Slot a = matcher.post(5, "first");
    arrived.put("first", 9L);
    assertThatThrownBy(() -> matcher.take(a))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tag 9");
  }
}
