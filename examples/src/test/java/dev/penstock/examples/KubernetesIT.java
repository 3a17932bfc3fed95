package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job by Spark's own Kubernetes backend, with the natives in the image, against a stand-in of an
 * API server whose pods are processes: no image is built, and no container limits anything.
 */
@Timeout(KubernetesIT.TIMEOUT_SECONDS)
class KubernetesIT {
  static final int TIMEOUT_SECONDS = 240;

  private static final Path TARGET = Path.of("target", "kubernetes").toAbsolutePath();
  private static final Path NATIVES = TARGET.resolve("natives");
  private static final Pattern LOSS = Pattern.compile("step \\d+/\\d+  loss \\S+  grad norm \\S+");
  private static final int STEPS = 3;
  private static final int FOREVER = 1_000_000;

  @TempDir static Path folder;

  private static Kubelet kubelet;
  private static PodServer server;
  private static QuickstartJob job;

  @BeforeAll
  static void startCluster() throws IOException {
    SparkHome home = NewerSpark.install(TARGET.resolve("spark-home"));
    SparkHome.link("natives.classpath", NATIVES);
    job = QuickstartJob.prepare(home, folder, TARGET);
    kubelet = new Kubelet(home.classPath() + ":" + NATIVES + "/*", TARGET.resolve("pods"));
    server = new PodServer(kubelet);
  }

  @AfterAll
  static void stopCluster() {
    server.close();
  }

  @Test
  void fitRunsInPods() throws Exception {
    try (SparkJvm driver = job.submit("client", STEPS, onKubernetes())) {
      assertThat(driver.exitCode()).as(driver.shown()).isZero();
      assertThat(LOSS.matcher(driver.shown()).results()).hasSize(2);
    }
  }

  @Test
  void podThatIsKilledIsNamedWithTheReasonAndTheFitGoesOn() throws Exception {
    try (SparkJvm driver = job.submit("killed", FOREVER, onKubernetes())) {
      driver.await("step 1/");
      Collection<Process> executors = kubelet.processes().values();
      assertThat(executors).hasSize(2);
      executors.iterator().next().destroyForcibly();
      driver.await("attempt 1 of 3 failed: .*First cause: rank \\d.*OOMKilled");
      driver.await("attempt 1 of 3 failed[\\s\\S]*step 20/");
    }
  }

  private static List<String> onKubernetes() {
    return List.of(
        "--master",
        "k8s://" + server.url(),
        "--jars",
        AllJarIT.JAR.toString(),
        "--conf",
        "spark.executor.instances=2",
        "--conf",
        "spark.kubernetes.container.image=any",
        "--conf",
        "spark.driver.host=127.0.0.1",
        "--conf",
        "spark.kubernetes.allocation.batch.delay=200ms",
        "--conf",
        "spark.kubernetes.executor.apiPollingInterval=3s");
  }
}
