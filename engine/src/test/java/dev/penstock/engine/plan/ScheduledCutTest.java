package dev.penstock.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.split.ModuleCost;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduledCutTest {
  private static final double HEAD = 20;

  /** An embedding that costs nothing, four layers of 4 and 6, and a head. */
  private static List<ModuleCost> parts() {
    List<ModuleCost> parts = new ArrayList<>();
    parts.add(new ModuleCost("model.embed_tokens", 0.1, 0.1, 0));
    for (int layer = 0; layer < 4; layer++) {
      parts.add(new ModuleCost("model.layers." + layer + ".self_attn", 4, 8, 0));
      parts.add(new ModuleCost("model.layers." + layer + ".mlp", 6, 12, 0));
    }
    parts.add(new ModuleCost("model.norm", 0.2, 0.2, 0));
    parts.add(new ModuleCost("lm_head", HEAD, 0.5, 0));
    return parts;
  }

  private static final List<List<String>> START =
      List.of(
          List.of("model.embed_tokens", "model.layers.0"),
          List.of("model.layers.1"),
          List.of("model.layers.2"),
          List.of("model.layers.3", "model.norm", "lm_head"));

  private static PipelineSchedule schedule(String name) {
    return Schedules.named(name).generate(2, 2, 8);
  }

  /** The best of all cuts, tried one by one from the same place without a move. */
  private static double best(PipelineSchedule schedule) {
    double best = Double.POSITIVE_INFINITY;
    List<String> names = parts().stream().map(ModuleCost::name).toList();
    for (int a = 1; a < names.size() - 2; a++) {
      for (int b = a + 1; b < names.size() - 1; b++) {
        for (int c = b + 1; c < names.size(); c++) {
          List<List<String>> stages =
              List.of(
                  names.subList(0, a),
                  names.subList(a, b),
                  names.subList(b, c),
                  names.subList(c, names.size()));
          best = Math.min(best, new ScheduledCut(schedule, parts(), true).of(stages).time());
        }
      }
    }
    return best;
  }

  @ParameterizedTest
  @ValueSource(strings = {"zbvzerobubble", "interleaved1f1b", "interleavedzerobubble"})
  void findsTheShortestStep(String name) {
    PipelineSchedule schedule = schedule(name);
    ScheduledCut search = new ScheduledCut(schedule, parts(), true);
    ScheduledCut.Cut found = search.around(START);
    assertThat(found.time()).isLessThanOrEqualTo(best(schedule));
  }

  /** Too many cuts to try them all. */
  @Test
  void goesDownhillInALargeModel() {
    List<ModuleCost> parts = new ArrayList<>(parts());
    for (int layer = 4; layer < 60; layer++) {
      parts.add(parts.size() - 2, new ModuleCost("model.layers." + layer + ".self_attn", 4, 8, 0));
      parts.add(parts.size() - 2, new ModuleCost("model.layers." + layer + ".mlp", 6, 12, 0));
    }
    List<String> names = parts.stream().map(ModuleCost::name).toList();
    List<List<String>> uneven =
        List.of(
            names.subList(0, 20),
            names.subList(20, 40),
            names.subList(40, 60),
            names.subList(60, names.size()));
    PipelineSchedule schedule = schedule("zbvzerobubble");
    ScheduledCut search = new ScheduledCut(schedule, parts, true);
    double ideal = 8 * parts.stream().mapToDouble(ModuleCost::flops).sum() / 2;
    assertThat(search.around(uneven).time())
        .isLessThan(search.of(uneven).time())
        .isLessThan(1.1 * ideal);
  }
}
