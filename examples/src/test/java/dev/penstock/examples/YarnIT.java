package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job on YARN, and at the same time on a newer Spark than the one that it was built with: two
 * ranks in containers of their own.
 */
@Timeout(YarnIT.TIMEOUT_SECONDS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class YarnIT {
  static final int TIMEOUT_SECONDS = 240;

  private static final Path TARGET = Path.of("target", "yarn").toAbsolutePath();
  private static final Path CLUSTER = Path.of("src", "test", "launch", "YarnCluster.java");
  private static final Pattern LOSS = Pattern.compile("step \\d+/\\d+  loss \\S+  grad norm \\S+");
  private static final int STEPS = 3;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int FOREVER = 1_000_000;

  @TempDir static Path folder;

  private static SparkHome home;
  private static SparkJvm cluster;
  private static QuickstartJob job;

  @BeforeAll
  @Timeout(TIMEOUT_SECONDS)
  static void startCluster() throws IOException, InterruptedException {
    home = NewerSpark.install(TARGET.resolve("spark-home"));
    job = QuickstartJob.prepare(home, folder, TARGET);
    cluster =
        SparkJvm.start(
            NewerSpark.yarnClassPath(),
            home.environment(),
            TARGET.resolve("cluster.log"),
            CLUSTER.toString(),
            List.of(home.conf().toString(), folder.resolve("nodes").toString()));
    cluster.await("YARN is up");
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void clientModeWithNativesThatComeWithTheJob() throws Exception {
    try (SparkJvm driver = job.submit("client", STEPS, nativesWithTheJob())) {
      assertThat(driver.exitCode()).as(driver.shown()).isZero();
      assertThat(LOSS.matcher(driver.shown()).results().map(MatchResult::group)).hasSize(2);
    }
  }

  /** YARN starts a second attempt by itself, which finds what the first one left. */
  @Test
  @Order(2)
  void clusterModeGivesTheSameModelThoughItsFirstDriverIsKilled() throws Exception {
    Path model = job.model("cluster");
    try (SparkJvm submit = job.submit("cluster", STEPS, nativesInAnArchive())) {
      while (unfinished(model).isEmpty()) {
        submit.await("state: RUNNING");
        LockSupport.parkNanos(POLL_NANOS);
      }
      List<ProcessHandle> drivers = processes("ApplicationMaster");
      assertThat(drivers).hasSize(1);
      drivers.get(0).destroyForcibly();
      assertThat(submit.exitCode()).as(submit.shown()).isZero();
    }
    assertThat(unfinished(model)).isEmpty();
    try (Stream<Path> files = Files.list(job.model("client"))) {
      for (Path file : files.filter(YarnIT::isOfTheModel).toList()) {
        assertThat(model.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
  }

  private static List<String> unfinished(Path model) throws IOException {
    if (!Files.isDirectory(model)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(model)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("_run-") || name.startsWith("_lease-"))
          .toList();
    }
  }

  @Test
  @Order(3)
  void containerThatIsKilledIsNamedAndTheFitGoesOn() throws Exception {
    try (SparkJvm driver = job.submit("killed", FOREVER, nativesWithTheJob())) {
      driver.await("step 1/");
      List<ProcessHandle> executors = executors();
      assertThat(executors).hasSize(2);
      executors.get(0).destroyForcibly();
      driver.await("attempt 1 of 3 failed: .*ExecutorLostFailure.*Exit status: 137");
      driver.await("attempt 1 of 3 failed[\\s\\S]*step 20/");
    }
  }

  private static boolean isOfTheModel(Path file) {
    return !QuickstartJob.WITH_SECONDS.contains(file.getFileName().toString());
  }

  private static List<ProcessHandle> executors() {
    return processes("YarnCoarseGrainedExecutorBackend");
  }

  private static List<ProcessHandle> processes(String main) {
    return cluster
        .descendants()
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .filter(
            process ->
                Stream.of(process.info().arguments().orElse(new String[0]))
                    .anyMatch(argument -> argument.endsWith(main)))
        .toList();
  }

  private static List<String> onYarn(String deployMode) {
    return List.of(
        "--master",
        "yarn",
        "--deploy-mode",
        deployMode,
        "--num-executors",
        "2",
        "--conf",
        "spark.yarn.jars=local:" + home.jars() + "/*",
        "--conf",
        "spark.yarn.stagingDir=" + folder.resolve("staging").toUri(),
        "--conf",
        "spark.yarn.am.extraJavaOptions=-XX:TieredStopAtLevel=1");
  }

  private static List<String> nativesWithTheJob() throws IOException {
    String jars = AllJarIT.JAR + "," + String.join(",", natives());
    return Stream.concat(onYarn("client").stream(), Stream.of("--jars", jars)).toList();
  }

  /** YARN unpacks it once a node, for all applications. */
  private static List<String> nativesInAnArchive() throws IOException {
    Path archive = folder.resolve("natives.zip");
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setLevel(0); // jars are compressed
      for (String jar : natives()) {
        zip.putNextEntry(new ZipEntry(Path.of(jar).getFileName().toString()));
        Files.copy(Path.of(jar), zip);
        zip.closeEntry();
      }
    }
    return Stream.concat(
            onYarn("cluster").stream(),
            Stream.of(
                "--jars",
                AllJarIT.JAR.toString(),
                "--archives",
                archive.toUri() + "#natives",
                "--conf",
                "spark.executor.extraClassPath=./natives/*"))
        .toList();
  }

  private static List<String> natives() throws IOException {
    return List.of(SparkHome.classPath("natives.classpath").split(":", -1));
  }
}
