package dev.penstock.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.ValidationConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StepScheduleTest {
  private static final int DEFAULT_EPOCHS = 10;

  static List<JsonNode> references() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    new ObjectMapper()
        .readTree(StepScheduleTest.class.getResource("/functional/step_scheduler.json"))
        .forEach(cases::add);
    return cases;
  }

  private static @Nullable Integer integer(JsonNode reference, String key) {
    return reference.has(key) ? reference.path(key).intValue() : null;
  }

  private static ParallelConfig parallel(JsonNode reference) {
    return new ParallelConfig(1, reference.path("dp_size").intValue());
  }

  private static BatchConfig batch(JsonNode reference) {
    return new BatchConfig(
        reference.path("global_batch_size").intValue(),
        integer(reference, "local_batch_size"),
        1,
        2);
  }

  private static StepSchedule schedule(JsonNode reference) {
    StepConfig config =
        new StepConfig(
            integer(reference, "max_steps"),
            reference.path("num_epochs").asInt(DEFAULT_EPOCHS),
            reference.path("ckpt_every_steps").asInt(StepConfig.DEFAULT_CHECKPOINT_EVERY_STEPS),
            reference.path("save_checkpoint_every_epoch").asBoolean(true));
    long rows =
        reference.path("n_batches_in_dataloader").longValue()
            * reference.path("local_batch_size").intValue()
            * reference.path("dp_size").intValue();
    return StepSchedule.of(config, batch(reference).globalBatchSize(), rows);
  }

  @ParameterizedTest
  @MethodSource("references")
  void stepsAreThoseOfTheReference(JsonNode reference) {
    if (reference.has("error")) {
      assertThatThrownBy(
              () -> {
                batch(reference).accumulationSteps(parallel(reference));
                schedule(reference);
              })
          .isInstanceOf(ConfigException.class);
      return;
    }
    StepSchedule schedule = schedule(reference);
    ValidationConfig validation =
        new ValidationConfig(reference.path("val_every_steps").asInt(0), 0, false);
    assertThat(schedule.numSteps()).isEqualTo(reference.path("trace").size());
    for (JsonNode expected : reference.path("trace")) {
      StepSchedule.Step step = schedule.at(expected.path("step").longValue());
      assertThat(step)
          .isEqualTo(
              new StepSchedule.Step(
                  expected.path("step").longValue(),
                  expected.path("epoch").longValue(),
                  expected.path("last").booleanValue(),
                  expected.path("ckpt").booleanValue()));
      assertThat(validation.isDue(step.number() + 1, step.checkpoint()))
          .isEqualTo(expected.path("val").booleanValue());
      assertThat(batch(reference).accumulationSteps(parallel(reference)))
          .isEqualTo(expected.path("n_local_batches").intValue());
    }
  }

  @Test
  void everyRowIsReadWhereTheBatchDoesNotDivideTheEpochs() {
    StepSchedule schedule = StepSchedule.of(StepConfig.ofEpochs(3), 4, 10);
    assertThat(schedule.numSteps()).isEqualTo(8);
    assertThat(List.of(0L, 2L, 3L, 5L, 7L))
        .extracting(step -> schedule.at(step).epoch())
        .containsExactly(0L, 0L, 1L, 2L, 2L);
    assertThat(List.of(2L, 4L, 7L)).allMatch(step -> schedule.at(step).checkpoint());
  }

  @Test
  void batchLargerThanTheDataIsOneStep() {
    assertThat(StepSchedule.of(StepConfig.ofEpochs(1), 64, 10).numSteps()).isEqualTo(1);
  }

  @Test
  void rowsThatNobodyCountedNeedMaxSteps() {
    StepSchedule schedule = StepSchedule.of(StepConfig.ofMaxSteps(3), 4, StepSchedule.UNKNOWN_ROWS);
    assertThat(schedule.numSteps()).isEqualTo(3);
    assertThat(schedule.at(1).checkpoint()).isFalse();
    assertThat(schedule.at(2).checkpoint()).isTrue();
    StepConfig epochs = StepConfig.ofEpochs(2);
    assertThatThrownBy(() -> StepSchedule.of(epochs, 4, StepSchedule.UNKNOWN_ROWS))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Set maxSteps");
  }

  @Test
  void rowsThatComeOnceEndTheRunOrItsStepsDo() {
    long open = StepSchedule.UNTIL_THEY_END;
    assertThat(StepSchedule.of(StepConfig.ofEpochs(1), 4, open).numSteps())
        .isEqualTo(StepSchedule.OPEN);
    StepSchedule ended = StepSchedule.of(StepConfig.ofMaxSteps(7), 4, open);
    assertThat(ended.numSteps()).isEqualTo(7);
    assertThat(ended.at(6)).isEqualTo(new StepSchedule.Step(6, 0, true, true));
    assertThat(ended.at(5).checkpoint()).isFalse();
    assertThatThrownBy(() -> StepSchedule.of(StepConfig.ofEpochs(2), 4, open))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("numEpochs is 2, but streamed data are passed over once");
  }
}
