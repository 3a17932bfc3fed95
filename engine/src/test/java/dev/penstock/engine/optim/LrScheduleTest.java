package dev.penstock.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.WeightDecayScheduleConfig;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LrScheduleTest {
  private static final double ROUNDING = 1e-18;

  static List<JsonNode> cases() {
    return Fixtures.list(Fixtures.read("lr_scheduler.json").get("cases"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theLearningRateIsTheReferences(JsonNode reference) {
    JsonNode args = reference.get("args");
    LrScheduleConfig config =
        new LrScheduleConfig(
            args.get("lr_decay_style").asText().toLowerCase(Locale.ROOT),
            args.get("lr_warmup_steps").asInt(),
            args.get("lr_decay_steps").asInt(),
            args.get("init_lr").asDouble(),
            args.get("min_lr").asDouble(),
            args.path("wsd_decay_steps").asInt(0),
            args.path("lr_wsd_decay_style").asText("linear"));
    LrSchedule schedule = new LrSchedule(config, args.get("max_lr").asDouble());
    for (JsonNode value : reference.get("values")) {
      assertThat(schedule.at(value.get("step").asLong()))
          .as("step %s", value.get("step"))
          .isCloseTo(value.get("lr").asDouble(), within(ROUNDING));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theWeightDecayIsTheReferences(JsonNode reference) {
    JsonNode args = reference.get("args");
    WeightDecaySchedule schedule =
        new WeightDecaySchedule(
            new WeightDecayScheduleConfig(
                args.get("wd_incr_style").asText(),
                args.get("start_wd").asDouble(),
                args.get("end_wd").asDouble(),
                args.get("wd_incr_steps").asInt()));
    for (JsonNode value : reference.get("values")) {
      assertThat(schedule.at(value.get("step").asLong()))
          .as("step %s", value.get("step"))
          .isCloseTo(value.get("wd").asDouble(), within(1e-16));
    }
  }

  @Test
  void theConstantScheduleIsThePeakFromTheFirstStep() {
    LrSchedule schedule = new LrSchedule(LrScheduleConfig.constant(), 0.3);
    assertThat(schedule.at(0)).isEqualTo(0.3);
    assertThat(schedule.at(1_000_000)).isEqualTo(0.3);
    assertThat(new WeightDecaySchedule(WeightDecayScheduleConfig.constant(0.1)).at(9))
        .isEqualTo(0.1);
  }

  @Test
  void badConfigurationsAreRefused() {
    assertThatThrownBy(() -> new LrScheduleConfig("step", 0, 1, 0, 0, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'step'", "inverse-square-root");
    assertThatThrownBy(() -> new LrScheduleConfig("cosine", 10, 10, 0, 0, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("lrDecaySteps (10) must be greater than lrWarmupSteps (10)");
    assertThatThrownBy(() -> new LrScheduleConfig("wsd", 1, 10, 0, 0, 11))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("wsdDecaySteps");
    assertThatThrownBy(() -> new WeightDecayScheduleConfig("linear", 0.2, 0.1, 5))
        .isInstanceOf(ConfigException.class);
  }
}
