package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.torch.Processor;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ResumeTest {
  private static final int STEPS = 9;
  private static final int EVERY = 3;

  @TempDir Path temp;

  private static TrainingConfig config(
      int ppSize, int dpSize, String schedule, boolean shardState) {
    return config(new ParallelConfig(ppSize, dpSize), schedule, shardState, null);
  }

  private static TrainingConfig config(
      ParallelConfig parallel, String schedule, boolean shardState, Integer localBatchSize) {
    return new TrainingConfig(
        TestingRun.MODEL.formatted(true),
        parallel,
        new BatchConfig(TestingRun.ROWS, localBatchSize, 1, TestingRun.LENGTH),
        ScheduleConfig.named(schedule),
        OptimizerConfig.adamW(1e-2).withShardState(shardState),
        new LrScheduleConfig("cosine", 2, STEPS, 0, 0, 0),
        new StepConfig(STEPS, null, EVERY, false),
        ComputeConfig.DEFAULT,
        null,
        7);
  }

  private Folder folder(String name) {
    return new LocalFolder(temp.resolve(name));
  }

  static Stream<ResumingRun> runs() {
    LoraConfig lora = new LoraConfig(4, 8, 0.25, List.of(LoraConfig.ALL_LINEAR), List.of(), false);
    TrainingConfig plain = config(2, 1, "1f1b", false);
    ParallelConfig two = new ParallelConfig(1, 2);
    OptimizerConfig sgd = OptimizerConfig.adamW(1e-2).withKind(OptimizerKind.SGD, 0.9);
    Stream<ResumingRun> runs =
        Stream.of(
            ResumingRun.of(plain),
            ResumingRun.of(config(2, 2, "1f1b", true)),
            ResumingRun.of(config(1, 2, "gpipe", false)),
            ResumingRun.of(config(2, 1, "zbvzerobubble", false)),
            new ResumingRun(config(2, 2, "interleaved1f1b", true), null, -1, true),
            ResumingRun.of(config(2, 2, "1f1b", true).withLora(lora)),
            ResumingRun.of(plain.withCompute(ComputeConfig.DEFAULT.withDocumentMask(true))),
            ResumingRun.of(config(two, "1f1b", true, 2)),
            ResumingRun.of(withOptimizer(plain, sgd)),
            new ResumingRun(plain, new ValidationConfig(2, 0, true), -1, false),
            new ResumingRun(
                withOptimizer(config(2, 2, "1f1b", true), OptimizerConfig.adamW(3.0)),
                new ValidationConfig(1, 4, true),
                -1,
                false));
    ComputeConfig half = ComputeConfig.DEFAULT.withPrecision(Precision.BFLOAT16);
    return Processor.ofThisMachine().multipliesBfloat16()
        ? Stream.concat(runs, Stream.of(ResumingRun.of(plain.withCompute(half))))
        : runs;
  }

  private static TrainingConfig withOptimizer(TrainingConfig config, OptimizerConfig optimizer) {
    return new TrainingConfig(
        config.modelConfigJson(),
        config.parallel(),
        config.batch(),
        config.schedule(),
        optimizer,
        config.lrSchedule(),
        config.steps(),
        config.compute(),
        config.lora(),
        config.seed());
  }

  private static long last(Folder checkpoints) throws IOException {
    return new CheckpointFolder(checkpoints).steps().get(0);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void runThatGoesOnGivesTheBitsOfTheOneThatDidNotEnd(ResumingRun run) throws IOException {
    List<RankResult> whole = run.train(folder("whole"));
    List<RankResult> resumed = run.resume(folder("resumed"), folder("whole"), (long) EVERY);
    assertThat(ResumingRun.losses(resumed)).isEqualTo(ResumingRun.losses(whole)).isNotEmpty();
    assertThat(resumed.get(0).validations()).isEqualTo(whole.get(0).validations());
    assertThat(resumed.get(0).bestStep()).isEqualTo(whole.get(0).bestStep());
    assertThat(resumed.get(0).checkpoints().resumedAtStep()).isEqualTo(EVERY);
    assertThat(last(folder("resumed"))).isEqualTo(last(folder("whole")));
    assertSameState(folder("resumed"), folder("whole"));
  }

  /** The disk of the rows fails twice, each time at any step that is not done yet. */
  @ParameterizedTest
  @MethodSource("runs")
  void runInterruptedAtRandomGivesTheSameBits(ResumingRun run) throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<RankResult> whole = run.train(folder("whole"));
    int ranSteps = ResumingRun.losses(whole).size();
    Folder broken = folder("broken");
    List<Long> kept = List.of();
    for (int interruption = 0; interruption < 2; interruption++) {
      long done = kept.isEmpty() ? 0 : kept.get(0);
      ResumingRun fails = run.failingAt(random.nextLong(done, ranSteps));
      List<Long> from = kept;
      assertThatThrownBy(() -> goOn(fails, broken, from))
          .as("seed %d", seed)
          .hasMessageContaining("disk");
      kept = new CheckpointFolder(broken).steps();
    }
    List<RankResult> resumed = goOn(run, broken, kept);
    assertThat(ResumingRun.losses(resumed))
        .as("seed %d", seed)
        .isEqualTo(ResumingRun.losses(whole));
    assertThat(resumed.get(0).validations()).isEqualTo(whole.get(0).validations());
    assertSameState(broken, folder("whole"));
  }

  private static List<RankResult> goOn(ResumingRun run, Folder checkpoints, List<Long> kept) {
    return kept.isEmpty()
        ? run.train(checkpoints)
        : run.resume(checkpoints, checkpoints, kept.get(0));
  }

  private static void assertSameState(Folder found, Folder expected) throws IOException {
    Map<String, float[]> wanted = ResumingRun.state(expected, last(expected));
    Map<String, float[]> state = ResumingRun.state(found, last(found));
    assertThat(state.keySet()).isEqualTo(wanted.keySet());
    wanted.forEach((name, values) -> assertThat(state.get(name)).as(name).isEqualTo(values));
  }

  @Test
  void runThatFailedGoesOnFromItsLastCheckpoint() throws IOException {
    ResumingRun run = ResumingRun.of(config(2, 2, "1f1b", true));
    List<RankResult> whole = run.train(folder("whole"));
    Folder broken = folder("broken");
    assertThatThrownBy(() -> run.failingAt(7).train(broken)).hasMessageContaining("disk");
    List<Long> steps = new CheckpointFolder(broken).steps();
    assertThat(steps).isNotEmpty().isSubsetOf(3L, 6L);
    List<RankResult> resumed = run.resume(broken, broken, steps.get(0));
    assertThat(ResumingRun.losses(resumed)).isEqualTo(ResumingRun.losses(whole));
    assertSameState(broken, folder("whole"));
  }

  @Test
  void runGoesOnFromTheEndForMoreSteps() {
    TrainingConfig config = config(2, 1, "1f1b", false);
    List<RankResult> whole = ResumingRun.of(config).train(folder("whole"));
    TrainingConfig shorter = config.withSteps(new StepConfig(4, null, 100, false));
    ResumingRun.of(shorter).train(folder("shorter"));
    List<RankResult> longer =
        ResumingRun.of(config).resume(folder("longer"), folder("shorter"), 4L);
    assertThat(ResumingRun.losses(longer)).isEqualTo(ResumingRun.losses(whole));
    assertThatThrownBy(
            () -> ResumingRun.of(shorter).resume(folder("x"), folder("whole"), (long) STEPS))
        .hasMessageContaining("has 9 steps, but the run ends after 4");
  }

  @Test
  void otherRunIsRefusedWithBothValues() {
    ResumingRun run = ResumingRun.of(config(2, 1, "1f1b", false));
    run.train(folder("run"));
    ResumingRun other = ResumingRun.of(withOptimizer(run.config(), OptimizerConfig.adamW(0.125)));
    assertThatThrownBy(() -> other.resume(folder("other"), folder("run"), 3L))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("optimizer.learningRate: the checkpoint has 0.01, this run 0.125")
        .hasMessageContaining("set resume to never");
  }
}
