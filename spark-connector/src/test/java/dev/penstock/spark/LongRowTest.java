package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskKilled;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import scala.jdk.javaapi.CollectionConverters;

@Timeout(300)
class LongRowTest {
  /** Takes minutes to score. */
  private static final String TEXT =
      "In the beginning God created the heaven and the earth. ".repeat(100_000);

  /** What Spark's UI shows of running tasks, and how they ended. */
  private static final class Watching extends SparkListener {
    private final CompletableFuture<Long> tokensScored = new CompletableFuture<>();
    private final CompletableFuture<TaskKilled> killed = new CompletableFuture<>();

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
      CollectionConverters.asJava(heartbeat.accumUpdates()).stream()
          .flatMap(task -> CollectionConverters.asJava(task._4()).stream())
          .filter(value -> value.name().contains("tokens scored") && value.update().isDefined())
          .forEach(value -> tokensScored.complete((Long) value.update().get()));
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      if (end.reason() instanceof TaskKilled reason) {
        killed.complete(reason);
      }
    }
  }

  @Test
  void aRowTellsHowFarItIsAndCanBeCancelledInTheMiddle() throws Exception {
    SparkContext spark = TestSpark.session().sparkContext();
    CausalLMModel model =
        CausalLMModel.ofFolder(
                Path.of("src/test/resources/models/id-beyond-vocab").toUri().toString())
            .setSeqLength(256);
    Dataset<Row> scored = model.transform(TestSpark.texts(TEXT));
    Watching watching = new Watching();
    spark.addSparkListener(watching);
    try {
      CompletableFuture<Object> rows = CompletableFuture.supplyAsync(scored::collectAsList);
      CompletableFuture.anyOf(watching.tokensScored, rows).get();
      assertThat(watching.tokensScored.getNow(0L)).isPositive();
      spark.cancelAllJobs();
      assertThatThrownBy(rows::get)
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("cancel");
      assertThat(watching.killed.get().reason()).matches("cancelled after \\d+ tokens scored");
    } finally {
      spark.removeSparkListener(watching);
    }
  }
}
