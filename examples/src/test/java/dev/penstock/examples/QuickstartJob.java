package dev.penstock.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The quickstart as a job for spark-submit, on some of its verses.
 *
 * @param home the Spark that submits it
 * @param folder where the data lies, and where each run puts its model under its name
 * @param logs folder of the logs of runs
 */
record QuickstartJob(SparkHome home, Path folder, Path logs) {
  /** Files beside a model that tell how long things took, so they differ from run to run. */
  static final List<String> WITH_SECONDS =
      List.of("metrics.jsonl", "report.html", "training_loss.svg", "training_summary.json");

  private static final Path JAR =
      Path.of("target/penstock-examples-%s.jar".formatted(System.getProperty("penstock.version")));
  private static final Path RECIPES = Path.of("recipes").toAbsolutePath();
  private static final Path DATA = Path.of("data", "quickstart");
  private static final String VERSES = "kjv.tsv.gz";
  private static final int BYTES_OF_VERSES = 50_000;

  /** Writes the data. */
  static QuickstartJob prepare(SparkHome home, Path folder, Path logs) throws IOException {
    QuickstartJob job = new QuickstartJob(home, folder, logs);
    Files.createDirectories(job.data());
    for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(DATA.resolve(name), job.data().resolve(name));
    }
    try (InputStream all = new GZIPInputStream(Files.newInputStream(DATA.resolve(VERSES)));
        OutputStream some =
            new GZIPOutputStream(Files.newOutputStream(job.data().resolve(VERSES)))) {
      some.write(all.readNBytes(BYTES_OF_VERSES));
    }
    return job;
  }

  private Path data() {
    return folder.resolve("data");
  }

  /** Folder of the model of a run. */
  Path model(String name) {
    return folder.resolve(name);
  }

  /**
   * Submits a run.
   *
   * @param where the options that say where it runs, and how the natives get there
   */
  SparkJvm submit(String name, int steps, List<String> where) throws IOException {
    return submit(
        name,
        where,
        List.of(
            "--class",
            Quickstart.class.getName(),
            JAR.toString(),
            data().toUri().toString(),
            model(name).toUri().toString(),
            Integer.toString(steps)));
  }

  /**
   * Submits a recipe by the main class of recipes.
   *
   * @param recipe its name, and that of the run
   * @param rows the key that names its data, and where they are; null: some of the verses
   */
  SparkJvm submitRecipe(
      String recipe, String key, @Nullable Path rows, int steps, List<String> where)
      throws IOException {
    Path data = rows == null ? data().resolve(VERSES) : rows;
    return submit(
        recipe,
        where,
        List.of(
            "--class",
            "dev.penstock.spark.cli.Penstock",
            AllJarIT.JAR.toString(),
            "train",
            RECIPES.resolve(recipe + ".yaml").toUri().toString(),
            "--model.config=" + data().toUri(),
            "--dataset." + key + "=" + data.toUri(),
            "--step_scheduler.max_steps=" + steps,
            "--step_scheduler.log_remote_every_steps=1",
            "--checkpoint.checkpoint_dir=" + folder.resolve(recipe + "-checkpoints").toUri(),
            "--penstock.output_path=" + model(recipe).toUri()));
  }

  private SparkJvm submit(String name, List<String> where, List<String> application)
      throws IOException {
    String options = String.join(" ", SparkJvm.SHORT_LIVED);
    List<String> arguments = new ArrayList<>(where);
    Map.of(
            "spark.cores.max", "2",
            "spark.executor.cores", "1",
            "spark.executor.memory", "1g",
            "spark.executor.heartbeatInterval", "1s",
            "spark.executor.extraJavaOptions", options + unpackedOnce(),
            "spark.driver.extraJavaOptions", options,
            "spark.ui.enabled", "false")
        .forEach((key, value) -> arguments.addAll(List.of("--conf", key + "=" + value)));
    arguments.addAll(application);
    return SparkJvm.start(
        home, logs.resolve(name + ".log"), "org.apache.spark.deploy.SparkSubmit", arguments);
  }

  /** Executors share what the first of them unpacks, in this run and the next. */
  private String unpackedOnce() {
    return " -Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("unpacked");
  }
}
