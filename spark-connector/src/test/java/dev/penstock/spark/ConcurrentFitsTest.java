package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fits of one application at the same time, on four slots. */
@Timeout(240)
class ConcurrentFitsTest {
  private static final int FITS = 3;

  @TempDir Path folder;

  private final SparkContext context = TestSpark.session().sparkContext();
  private final ExecutorService threads = Executors.newFixedThreadPool(FITS);

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  private CausalLMTrainer trainer(String name) throws Exception {
    return TestModels.trainer(Files.createDirectories(folder.resolve(name)));
  }

  /** As PySpark's tuning does it: its threads have one and the same object. */
  @Test
  void threadsThatShareTheirPropertiesDoNotCancelEachOther() throws Exception {
    Properties shared = new Properties();
    shared.setProperty("spark.job.description", "the caller's");
    List<CompletableFuture<CausalLMModel>> fits = new ArrayList<>();
    for (int i = 0; i < FITS; i++) {
      // The ends are far from each other: the first must not end the others.
      CausalLMTrainer trainer = trainer("fit-" + i).setMaxSteps(2 + 6 * i);
      fits.add(
          CompletableFuture.supplyAsync(
              () -> {
                context.setLocalProperties(shared);
                CausalLMModel model = trainer.fit(TestModels.verses());
                assertThat(context.getLocalProperties()).isSameAs(shared);
                return model;
              },
              threads));
    }
    for (int i = 0; i < FITS; i++) {
      assertThat(fits.get(i).get(200, TimeUnit.SECONDS).summary().objectiveHistory())
          .hasSize(2 + 6 * i);
    }
    assertThat(shared).isEqualTo(Map.of("spark.job.description", "the caller's"));
  }

  /** Spark's queue of listeners survives it. */
  @Test
  void fitThatIsInterruptedLeavesTheSessionUsable() throws Exception {
    CausalLMTrainer trainer = trainer("interrupted").setMaxSteps(100_000).setMaxAttempts(1);
    CompletableFuture<Thread> fitting = new CompletableFuture<>();
    CompletableFuture<CausalLMModel> fit =
        CompletableFuture.supplyAsync(
            () -> {
              fitting.complete(Thread.currentThread());
              return trainer.fit(TestModels.verses());
            },
            threads);
    trainer.setProgressLines(line -> fitting.join().interrupt());

    assertThatThrownBy(() -> fit.get(200, TimeUnit.SECONDS))
        .hasMessageContaining("Training was interrupted and cancelled.");
    CausalLMModel next = trainer("next").setMaxSteps(2).fit(TestModels.verses());
    assertThat(next.summary().totalIterations()).isEqualTo(2);
  }

  @Test
  void slotsThatOthersHoldAreNamedWithinTheTimeout() throws Exception {
    try (HeldSlots held = HeldSlots.take(context, 3)) {
      CausalLMTrainer trainer = trainer("busy").setResourceTimeout(2);
      assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              "Could not start the ranks within 2 s (resourceTimeout)",
              "2 task slots free at the same moment",
              "'countAsync at HeldSlots.java",
              "(3 tasks run, 0 are to come)");
    }
    assertThat(trainer("free").fit(TestModels.verses()).summary().objectiveHistory()).isNotEmpty();
  }

  /** Not even the first small job of the fit begins. */
  @Test
  void whatAllSlotsWaitForIsToldEveryTenSeconds() throws Exception {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    try (HeldSlots held = HeldSlots.take(context, 4)) {
      CausalLMTrainer trainer = trainer("full").setResourceTimeout(11).setProgressLines(lines::add);
      assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              "Could not run its first task within 11 s (resourceTimeout)",
              "'countAsync at HeldSlots.java",
              "(4 tasks run, 0 are to come)");
    }
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith("has waited 10 s to run its first task: that takes 1 task slots free")
        .contains("'countAsync at HeldSlots.java");
  }
}
