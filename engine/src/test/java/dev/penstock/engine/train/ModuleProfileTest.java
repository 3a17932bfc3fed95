package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.plan.ModuleTime;
import dev.penstock.engine.plan.StageSummary;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.split.ModuleCost;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleProfileTest {
  @Test
  void everyModuleIsTimedAndThePlanIsCutByIt() {
    TrainingConfig config = new TestingRun(2, 1, "1f1b", 2).config(false);
    TrainingPlan estimated = TrainingPlan.of(config);
    List<ModuleTime> times = new ModuleProfile(estimated, "cpu").measure();
    assertThat(times)
        .extracting(ModuleTime::module)
        .containsExactlyElementsOf(new DecoderTensors(estimated.spec()).parts());
    assertThat(times).allMatch(time -> time.forward() > 0 && time.input() > 0);
    List<ModuleCost> costs =
        times.stream()
            .map(t -> new ModuleCost(t.module(), t.forward(), t.input() + t.weight(), 0))
            .toList();
    TrainingPlan measured = TrainingPlan.of(config, costs);
    assertThat(measured.stages().stream().mapToDouble(StageSummary::costShare).sum())
        .isCloseTo(1.0, within(1e-9));
  }
}
