package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One run that takes each of its steps at another layout than the one before, until it has gone
 * from every layout to every other one.
 */
class LayoutWalkTest {
  private static final List<ParallelConfig> LAYOUTS =
      List.of(
          new ParallelConfig(1, 1),
          new ParallelConfig(2, 1),
          new ParallelConfig(4, 1),
          new ParallelConfig(1, 2),
          new ParallelConfig(2, 2),
          new ParallelConfig(4, 2));

  /** By ppSize: a pipeline of four ranks has a layer for each, and no more stages. */
  private static final Map<Integer, List<String>> SCHEDULES =
      Map.of(
          1, List.of("gpipe", "1f1b"),
          2, List.of("1f1b", "interleaved1f1b", "gpipe", "zbvzerobubble", "dualpipev"),
          4, List.of("1f1b", "gpipe"));

  /** Rounding only: sums in another order. */
  private static final double ROUNDING = 1e-5;

  @TempDir Path temp;

  /**
   * Numbers 0 1 0 2 0 3 ... 1 2 1 3 ...: each pair in both directions, the last one to the first.
   */
  private static List<Integer> walk() {
    List<Integer> walk = new ArrayList<>();
    for (int from = 0; from < LAYOUTS.size(); from++) {
      for (int to = from + 1; to < LAYOUTS.size(); to++) {
        walk.add(from);
        walk.add(to);
      }
    }
    walk.add(0);
    return walk;
  }

  private static ResumingRun run(ParallelConfig parallel, int visit, int steps) {
    List<String> schedules = SCHEDULES.get(parallel.ppSize());
    return ResumingRun.of(
        new TrainingConfig(
            TestingRun.MODEL.formatted(true),
            parallel,
            new BatchConfig(TestingRun.ROWS, null, 1, TestingRun.LENGTH),
            ScheduleConfig.named(schedules.get(visit % schedules.size())),
            OptimizerConfig.adamW(1e-3).withShardState(parallel.dpSize() > 1 && visit % 2 == 0),
            new LrScheduleConfig("cosine", 2, 100, 0, 0, 0),
            new StepConfig(steps, null, 1, false),
            ComputeConfig.DEFAULT,
            null,
            7));
  }

  @Test
  void everyLayoutGoesOnFromEveryOther() throws IOException {
    List<Integer> walk = walk();
    Folder straight = new LocalFolder(temp.resolve("straight"));
    Folder walked = new LocalFolder(temp.resolve("walked"));
    List<Double> expected = ResumingRun.losses(run(LAYOUTS.get(0), 0, walk.size()).train(straight));
    int[] visits = new int[LAYOUTS.size()];
    for (int step = 0; step < walk.size(); step++) {
      int layout = walk.get(step);
      ResumingRun run = run(LAYOUTS.get(layout), visits[layout]++, step + 1);
      List<RankResult> ranks =
          step == 0 ? run.train(walked) : run.resume(walked, walked, (long) step);
      List<Double> losses = ResumingRun.losses(ranks);
      assertThat(losses).hasSize(step + 1);
      assertThat(losses.get(step))
          .as("step %d at %s", step + 1, run.config().parallel())
          .isCloseTo(expected.get(step), within(ROUNDING));
      assertSameState(walked, straight, step + 1);
    }
    assertThat(visits).containsOnly(5, 6);
  }

  private static void assertSameState(Folder walked, Folder straight, long step)
      throws IOException {
    Map<String, float[]> expected = ResumingRun.state(straight, step);
    Map<String, float[]> found = ResumingRun.state(walked, step);
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, values) ->
            assertThat(largestDifference(found.get(name), values))
                .as("%s after step %d", name, step)
                .isLessThan(ROUNDING));
  }

  private static double largestDifference(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs((double) found[i] - expected[i]));
    }
    return largest;
  }
}
