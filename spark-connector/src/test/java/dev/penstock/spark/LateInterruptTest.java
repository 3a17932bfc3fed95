package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LateInterruptTest {
  @TempDir Path folder;

  /** As soon as the step's line was told and its job is over: a heartbeat may tell it before. */
  @Test
  void interruptAfterTheLastStepTakesNoModelAway() {
    Thread caller = Thread.currentThread();
    Set<Integer> jobs = ConcurrentHashMap.newKeySet();
    AtomicBoolean stepIsDone = new AtomicBoolean();
    SparkListener jobEnds =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            jobs.add(start.jobId());
          }

          @Override
          public void onJobEnd(SparkListenerJobEnd end) {
            if (jobs.remove(end.jobId()) && jobs.isEmpty() && stepIsDone.get()) {
              caller.interrupt();
            }
          }
        };
    CausalLMTrainer trainer = TestModels.trainer(folder).setMaxSteps(1);
    trainer.setProgressLines(
        line -> {
          stepIsDone.set(true);
          if (jobs.isEmpty()) {
            caller.interrupt();
          }
        });
    TestSpark.session().sparkContext().addSparkListener(jobEnds);
    try {
      assertThat(trainer.fit(TestModels.verses()).summary().totalIterations()).isEqualTo(1);
      while (!caller.isInterrupted()) {
        Thread.onSpinWait(); // what waits would take the interrupt
      }
    } finally {
      TestSpark.session().sparkContext().removeSparkListener(jobEnds);
      Thread.interrupted();
    }
    assertThat(folder.resolve("model/config.json")).exists();
  }
}
