package dev.penstock.examples.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.examples.chaos.DisturbedRun.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains a small model again and again in processes of their own, disturbs each run at random
 * moments, starts what died anew, and says in one line of JSON whether every model came out as the
 * one that nobody disturbed.
 */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Disturbs small trainings and compares what comes out.")
public final class Chaos implements Callable<Integer> {
  @Option(names = "--runs", description = "models to train (default: ${DEFAULT-VALUE})")
  private int runs = 5;

  @Option(names = "--kills", description = "disturbances of each (default: ${DEFAULT-VALUE})")
  private int kills = 2;

  @Option(names = "--seed", description = "of what is random (default: ${DEFAULT-VALUE})")
  private long seed = 7;

  @Option(
      names = "--what",
      split = ",",
      description = "${COMPLETION-CANDIDATES}: what happens, in turn (default: all of these)")
  private Disturbance[] what = Disturbance.values();

  @Option(names = "--data", required = true, description = "folder of the quickstart's data")
  private Path data;

  @Option(names = "--steps", description = "steps of each model (default: ${DEFAULT-VALUE})")
  private int steps = 60;

  @Option(
      names = "--timeout",
      description = "seconds of silence after which a driver hangs (default: ${DEFAULT-VALUE})")
  private int timeoutSeconds = 300;

  @Spec private CommandSpec spec;

  Chaos() {}

  /** Runs the command line and exits. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Chaos()).setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Path folder = Files.createTempDirectory("penstock-chaos");
    PrintWriter err = spec.commandLine().getErr();
    Map<String, Object> result = train(folder, err);
    result.put("seconds", (System.nanoTime() - begin) / 1_000_000_000);
    spec.commandLine().getOut().println(new ObjectMapper().writeValueAsString(result));
    boolean good =
        result.get("identical").equals(true)
            && result.get("lost").equals(0)
            && result.get("hung").equals(0);
    if (good) {
      delete(folder);
    } else {
      err.printf("The logs of all processes are in %s%n", folder);
    }
    return good ? 0 : 1;
  }

  private Map<String, Object> train(Path folder, PrintWriter err)
      throws IOException, InterruptedException {
    Settings settings = new Settings(data, folder, steps, timeoutSeconds);
    Random random = new Random(seed);
    DisturbedRun undisturbed = new DisturbedRun(settings, "undisturbed", null, 0, random);
    int lost = undisturbed.train() ? 0 : 1;
    int different = 0;
    List<DisturbedRun> disturbed = new ArrayList<>();
    for (int number = 0; number < runs; number++) {
      Disturbance next = what[number % what.length];
      DisturbedRun run = new DisturbedRun(settings, "run-" + number, next, kills, random);
      disturbed.add(run);
      lost += run.train() ? 0 : 1;
      different += run.sameAs(undisturbed) ? 0 : 1;
      err.printf(Locale.ROOT, "run %d of %d (%s): %s%n", number + 1, runs, next, run);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("runs", runs);
    result.put("kills", sum(disturbed, DisturbedRun::struck));
    result.put("faults", sum(disturbed, DisturbedRun::faults));
    result.put("starts", sum(disturbed, DisturbedRun::starts));
    result.put("resumed", sum(disturbed, DisturbedRun::resumed));
    result.put("lost", lost);
    result.put("hung", undisturbed.hung() + sum(disturbed, DisturbedRun::hung));
    result.put("identical", different == 0);
    return result;
  }

  private static int sum(List<DisturbedRun> runs, ToIntFunction<DisturbedRun> count) {
    return runs.stream().mapToInt(count).sum();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
