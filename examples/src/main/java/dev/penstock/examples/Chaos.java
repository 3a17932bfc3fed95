package dev.penstock.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains a small model again and again in processes of their own, kills executors or drivers at
 * random moments, starts what died anew, and says in one line of JSON whether every model came out
 * as the one that nobody disturbed.
 */
@Command(name = "chaos", mixinStandardHelpOptions = true, sortOptions = false)
public final class Chaos implements Callable<Integer> {
  @Option(names = "--runs", description = "models to train (default: ${DEFAULT-VALUE})")
  private int runs = 5;

  @Option(names = "--kills", description = "kills of each (default: ${DEFAULT-VALUE})")
  private int kills = 2;

  @Option(names = "--seed", description = "of what is random (default: ${DEFAULT-VALUE})")
  private long seed = 7;

  @Option(
      names = "--what",
      description = "executor, driver or any: what is killed (default: ${DEFAULT-VALUE})")
  private String what = "any";

  @Option(names = "--data", required = true, description = "folder of the quickstart's data")
  private Path data;

  @Option(names = "--steps", description = "steps of each model (default: ${DEFAULT-VALUE})")
  private int steps = 60;

  @Option(names = "--timeout", description = "seconds until a process hangs (${DEFAULT-VALUE})")
  private int timeoutSeconds = 300;

  private Random random;
  private Path folder;
  private int killed;
  private int resumed;
  private int lost;
  private int hung;
  private boolean identical = true;

  /** Runs the command line and exits. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Chaos()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    random = new Random(seed);
    folder = Files.createTempDirectory("penstock-chaos");
    train("undisturbed", 0);
    for (int run = 0; run < runs; run++) {
      String name = "run-" + run;
      train(name, kills);
      identical &= sameModel(folder.resolve(name), folder.resolve("undisturbed"));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("runs", runs);
    result.put("kills", killed);
    result.put("resumed", resumed);
    result.put("lost", lost);
    result.put("hung", hung);
    result.put("identical", identical);
    System.out.println(new ObjectMapper().writeValueAsString(result));
    return identical && lost == 0 && hung == 0 ? 0 : 1;
  }

  /** Trains one model, starting the driver until it comes to the end. */
  private void train(String name, int killsLeft) throws IOException, InterruptedException {
    int left = killsLeft;
    for (int start = 0; start <= kills; start++) {
      Path log = folder.resolve(name + "-" + start + ".log");
      Process driver = start(folder.resolve(name), log);
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
      while (left > 0 && driver.isAlive() && System.nanoTime() < deadline) {
        if (!driver.waitFor(random.nextInt(4000), TimeUnit.MILLISECONDS) && kill(driver, log)) {
          left--;
        }
      }
      if (!driver.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
        hung++;
        driver.descendants().forEach(ProcessHandle::destroyForcibly);
        driver.destroyForcibly().waitFor();
      }
      resumed += (int) lines(log).filter(line -> line.startsWith("goes on at step")).count();
      if (driver.exitValue() == 0) {
        return;
      }
    }
    lost++;
    System.err.printf("%s did not come to its end; see %s%n", name, folder);
  }

  private Process start(Path output, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    Stream.of(System.getProperty("penstock.java.options", "").split(" "))
        .filter(option -> !option.isEmpty())
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ChaosDriver.class.getName(), data.toString(), output.toString()));
    command.add(String.valueOf(steps));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** Kills something once training has begun; a run is not disturbed before. */
  private boolean kill(Process driver, Path log) throws IOException {
    if (lines(log).noneMatch(line -> line.startsWith("step "))) {
      return false;
    }
    List<ProcessHandle> executors = driver.children().toList();
    boolean driverDies = what.equals("driver") || (what.equals("any") && random.nextInt(3) == 0);
    if (!driverDies && executors.isEmpty()) {
      return false;
    }
    ProcessHandle victim =
        driverDies ? driver.toHandle() : executors.get(random.nextInt(executors.size()));
    killed++;
    return victim.destroyForcibly();
  }

  private static Stream<String> lines(Path log) throws IOException {
    return Files.exists(log) ? Files.readString(log).lines() : Stream.of();
  }

  private static boolean sameModel(Path model, Path expected) throws IOException {
    String weights = "model-00001-of-00002.safetensors";
    return Files.exists(model.resolve(weights))
        && Files.mismatch(model.resolve(weights), expected.resolve(weights)) < 0;
  }
}
