package dev.penstock.examples.bench;

import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.split.ModuleCost;
import dev.penstock.engine.torch.Threads;
import dev.penstock.engine.train.ModuleProfile;
import java.util.List;
import java.util.stream.Collectors;

/** What the modules of a model cost: rank 0 measures, the others take its numbers. */
final class MeasuredCosts {
  private MeasuredCosts() {}

  static List<ModuleCost> of(TrainingConfig config, Rendezvous rendezvous, int threads) {
    Threads.configure(threads);
    String mine = rendezvous.rank() == 0 ? measure(config) : "";
    return rendezvous
        .allGather(mine)
        .get(0)
        .lines()
        .map(line -> line.split(" "))
        .map(c -> new ModuleCost(c[0], Double.parseDouble(c[1]), Double.parseDouble(c[2]), 0))
        .toList();
  }

  private static String measure(TrainingConfig config) {
    return new ModuleProfile(TrainingPlan.of(config), "cpu")
        .measure().stream()
            .map(
                time -> time.module() + " " + time.forward() + " " + (time.input() + time.weight()))
            .collect(Collectors.joining("\n"));
  }
}
