package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar that a job brings to a cluster, see docs/deploy.md. */
class AllJarIT {
  static final Path JAR =
      Path.of(
          "../spark-connector/target/penstock-spark-%s-all.jar"
              .formatted(System.getProperty("penstock.version")));

  @Test
  void leavesOutWhatSparkCarriesAndTorchsNatives() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
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
}
