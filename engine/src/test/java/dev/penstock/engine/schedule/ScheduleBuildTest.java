package dev.penstock.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ScheduleConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleBuildTest {
  @Test
  void microbatchesComeFromTheBatch() {
    PipelineSchedule schedule =
        Schedules.build(ScheduleConfig.named("interleaved_1f1b"), 2, 4, 2, 8);

    assertThat(schedule.name()).isEqualTo("Interleaved1F1B");
    assertThat(schedule.numMicrobatches()).isEqualTo(4);
    assertThat(schedule.numStages()).isEqualTo(4);
  }

  @Test
  void batchMustBeWholeMicrobatches() {
    assertThatThrownBy(() -> Schedules.build(ScheduleConfig.named("1f1b"), 2, 2, 3, 8))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "Batch size 8 must be divisible by number of microbatches 2. Update the config"
                + " arguments for either batch_size or pipeline_parallel_microbatch_size.");
  }

  @Test
  void nameIsCheckedBeforeTheBatch() {
    assertThatThrownBy(() -> Schedules.build(ScheduleConfig.named("dfs"), 2, 2, 3, 8))
        .hasMessageStartingWith("Unknown schedule name 'dfs'");
  }

  @Test
  void stagesMustFillTheRanks() {
    assertThatThrownBy(() -> Schedules.build(ScheduleConfig.named("1f1b"), 4, 6, 1, 8))
        .hasMessage("Total stages 6 must be divisible by PP size 4");
  }

  @Test
  void csvWinsAndNeedsNoName() {
    ScheduleConfig config =
        new ScheduleConfig("", "0F0,1F0,1B0,0B0\n2F0,2B0", null, null, "layers", List.of());

    PipelineSchedule schedule = Schedules.build(config, 2, 3, 4, 4);

    assertThat(schedule.name()).isEqualTo("CSV");
    assertThat(schedule.placement().stageToRank()).containsExactly(0, 0, 1);
    assertThatThrownBy(() -> Schedules.build(config, 2, 3, 2, 4))
        .hasMessageStartingWith("Got 1 _ComputationType.FORWARD microbatches for stage 0");
  }
}
