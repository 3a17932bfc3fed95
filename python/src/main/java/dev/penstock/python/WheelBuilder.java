package dev.penstock.python;

import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TextGenerator;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes the wheel of the distribution penstock-spark; run by the build. */
public final class WheelBuilder {
  private static final String PACKAGE = "dev/penstock/spark/";
  private static final String JARS = "penstock_spark/jars/";
  private static final int ARGUMENTS = 9;

  private WheelBuilder() {}

  /**
   * Makes it.
   *
   * @param args the folder of Python sources, the source of TrainingSummary, README.md, the folder
   *     to write into, the project's version, Spark's version, the platform of the native X
   */
  public static void main(String... args) throws IOException {
    if (args.length != ARGUMENTS) {
      throw new IllegalArgumentException("not nine arguments: " + Arrays.toString(args));
    }
    Path sources = Path.of(args[0]);
    WheelMetadata metadata =
        new WheelMetadata(args[4], args[5], args[6], Files.readString(Path.of(args[2])));
    Path target = Path.of(args[3]);
    Files.createDirectories(target);
    try (Wheel wheel = Wheel.create(target, metadata, Instant.parse(args[7]))) {
      for (Path file : files(sources)) {
        wheel.add(sources.relativize(file).toString(), Files.readAllBytes(file));
      }
      wheel.add(PACKAGE + "__init__.py", stages(Files.readString(Path.of(args[1]))));
      wheel.add(PACKAGE + "_version.py", "__version__ = \"%s\"\n".formatted(metadata.version()));
      for (String jar : args[8].split(Pattern.quote(File.pathSeparator))) {
        wheel.store(JARS + Path.of(jar).getFileName(), Path.of(jar));
      }
    }
  }

  private static String stages(String summarySource) {
    List<String> parts = new ArrayList<>();
    parts.add(StageModule.HEAD);
    parts.add(new StageClass(new CausalLMTrainer(), "TrainerStage", false).source());
    parts.add(new StageClass(new CausalLMModel(), "ModelStage", true).source());
    parts.add(new StageClass(new TextGenerator(), "GeneratorStage", false).source());
    parts.add(SummaryClass.source(summarySource));
    return String.join("\n\n", parts);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile)
          .filter(file -> !file.toString().contains("__pycache__"))
          .sorted()
          .toList();
    }
  }
}
