package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first way of docs/deploy.md, as far as one machine can show it. */
class DeployIT {
  private static final String VERSION = System.getProperty("penstock.version");
  private static final Path ALL =
      Path.of("../spark-connector/target/penstock-spark-%s-all.jar".formatted(VERSION));
  private static final Path EXAMPLES =
      Path.of("target/penstock-examples-%s.jar".formatted(VERSION));
  private static final Path LAUNCH = Path.of("target/launch");
  private static final int TIMEOUT_SECONDS = 240;

  @TempDir Path folder;

  @Test
  void allJarLeavesOutWhatSparkCarriesAndTorchsNatives() throws IOException {
    try (JarFile jar = new JarFile(ALL.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName))
          .contains("dev/penstock/spark/CausalLMTrainer.class")
          .contains("dev/penstock/engine/train/RankTrainer.class")
          .contains("org/bytedeco/pytorch/Tensor.class")
          .contains("native/lib/linux-x86_64/cpu/libtokenizers.so")
          .noneMatch(name -> name.startsWith("org/apache/"))
          .noneMatch(name -> name.startsWith("scala/"))
          .noneMatch(name -> name.startsWith("org/slf4j/"))
          .noneMatch(name -> name.startsWith("com/google/"))
          .noneMatch(name -> name.startsWith("com/fasterxml/"))
          .noneMatch(name -> name.startsWith("io/netty/"))
          .noneMatch(name -> name.startsWith("org/bytedeco/") && name.endsWith(".so"));
    }
  }

  @Test
  @Timeout(TIMEOUT_SECONDS)
  void sparkSubmitTrainsInExecutorsOfTheirOwn() throws Exception {
    String sparkJars = Files.readString(LAUNCH.resolve("spark.classpath"));
    String natives = Files.readString(LAUNCH.resolve("natives.classpath"));
    Path output = folder.resolve("model");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + LAUNCH.resolve("java.args"));
    command.addAll(List.of("-cp", sparkJars, "org.apache.spark.deploy.SparkSubmit"));
    command.addAll(List.of("--master", "local-cluster[2,1,2048]"));
    Map.of(
            "spark.executor.memory", "1g",
            "spark.executor.extraClassPath", sparkJars,
            "spark.ui.enabled", "false",
            "spark.driver.host", "127.0.0.1",
            "spark.driver.bindAddress", "127.0.0.1")
        .forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    command.addAll(List.of("--jars", ALL + "," + natives.replace(':', ',')));
    command.addAll(List.of("--class", "dev.penstock.examples.Quickstart", EXAMPLES.toString()));
    command.addAll(
        List.of(Path.of("data/quickstart").toUri().toString(), output.toUri().toString(), "2"));

    String shown = run(command);

    assertThat(shown).contains("step 2/2", "The model, a Hugging Face folder, is in");
    assertThat(output).isDirectoryContaining("glob:**/*.safetensors");
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path sparkHome = folder.resolve("spark-home");
    Files.createDirectories(sparkHome.resolve("jars"));
    Path log = folder.resolve("submit.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SPARK_HOME", sparkHome.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroy();
    }
    String shown = Files.readString(log);
    assertThat(process.exitValue()).as(shown).isZero();
    return shown;
  }
}
