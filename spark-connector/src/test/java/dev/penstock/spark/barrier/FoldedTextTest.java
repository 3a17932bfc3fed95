package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FoldedTextTest {
  /** As Spark's Kubernetes backend words it. */
  private static final String KILLED =
      """
      ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason:\s
      The executor with id 1 exited with exit code 137(SIGKILL, possible container OOM).

      The API gave the following container statuses:

      \t container name: spark-kubernetes-executor
      \t exit code: 137
      \t termination reason: OOMKilled
      """;

  @Test
  void theReasonBehindALineBreakIsTold() {
    RankFailure failure = RankFailure.reported(1, "executor 1 on host", true, KILLED);
    assertThat(failure.error())
        .contains(
            "Reason: The executor with id 1 exited with exit code 137(SIGKILL",
            "termination reason: OOMKilled")
        .doesNotContain("\n")
        .hasSizeLessThan(1600);
  }

  @Test
  void aStackTraceIsNot() {
    RankFailure failure =
        RankFailure.reported(
            0, "", false, "java.io.IOException: no\nspace\n\tat a.B.c(B.java:1)\n");
    assertThat(failure.error()).isEqualTo("java.io.IOException: no space");
    assertThat(failure.stackTrace()).contains("B.java:1");
  }

  @Test
  void ofALongTextBothEndsStay() {
    String folded = FoldedText.of("begin " + "x ".repeat(100_000) + "end", 300);
    assertThat(folded).hasSize(300).startsWith("begin x").endsWith("x end").contains(" ... ");
  }
}
