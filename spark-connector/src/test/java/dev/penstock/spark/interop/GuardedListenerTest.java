package dev.penstock.spark.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.TestSpark;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GuardedListenerTest {
  private static final int TASKS = 3;

  private final SparkContext context = TestSpark.session().sparkContext();

  /** As where its jars do not go together with Spark's. */
  private static final class Broken extends GuardedListener {
    private final CountDownLatch starts = new CountDownLatch(TASKS);
    private final CountDownLatch ends = new CountDownLatch(TASKS);

    @Override
    protected void taskStarted(SparkListenerTaskStart event) {
      starts.countDown();
      throw new NoSuchMethodError("accumUpdates");
    }

    @Override
    protected void taskEnded(SparkListenerTaskEnd event) {
      ends.countDown();
      throw new IllegalStateException("broken too");
    }
  }

  @Test
  void contextOutlivesErrorsOfListeners() throws Exception {
    Broken broken = new Broken();
    context.addSparkListener(broken);
    try {
      assertThat(count()).isEqualTo(TASKS);
      assertThat(broken.starts.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(broken.ends.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(count()).as("another job of the same context").isEqualTo(TASKS);
      assertThat(context.isStopped()).isFalse();
    } finally {
      context.removeSparkListener(broken);
    }
  }

  private long count() {
    return JavaSparkContext.fromSparkContext(context).parallelize(List.of(1, 2, 3), TASKS).count();
  }
}
