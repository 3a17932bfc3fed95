package dev.penstock.spark.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.spark.hub.ModelPart;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPathsTest {
  /** A file system that somebody else could watch. */
  public static final class Watched extends RawLocalFileSystem {
    private static final AtomicInteger OPENED = new AtomicInteger();

    @Override
    public void initialize(URI uri, Configuration conf) throws IOException {
      OPENED.incrementAndGet();
      super.initialize(URI.create("file:///"), conf);
    }

    @Override
    public String getScheme() {
      return "watched";
    }

    @Override
    protected void checkPath(org.apache.hadoop.fs.Path path) {}
  }

  @TempDir Path folder;
  private final Configuration conf = new Configuration(false);

  @BeforeEach
  void model() throws IOException {
    conf.set("fs.watched.impl", Watched.class.getName());
    conf.setBoolean("fs.watched.impl.disable.cache", true);
    Files.createDirectories(folder.resolve("base"));
    Files.writeString(folder.resolve("base/config.json"), "{}");
    Watched.OPENED.set(0);
  }

  private ModelPaths find(String named, String baseModelPath) throws IOException {
    Path adapters = Files.createDirectories(folder.resolve("adapters"));
    Files.writeString(
        adapters.resolve(AdapterFolder.CONFIG),
        """
        {"peft_type": "LORA", "target_modules": ["q_proj"], "base_model_name_or_path": "%s"}
        """
            .formatted(named));
    return ModelPaths.find(
        adapters.toUri().toString(),
        baseModelPath,
        new NamedModels(conf, null, true, line -> {}),
        ModelPart.MODEL);
  }

  @Test
  void plainPathAndUriOfTheAdaptersFileSystemAreFollowed() throws IOException {
    String base = folder.resolve("base").toString();
    assertThat(find(base, null).model()).isEqualTo("file:" + base);
    assertThat(find("file:" + base, null).model()).isEqualTo("file:" + base);
    assertThat(find("file://" + base, null).model()).isEqualTo("file:" + base);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "watched://host/models/base",
        "watched:/models/base",
        "WATCHED://host/models/base",
        "//host/models/base",
        "file://host/models/base",
        "http://127.0.0.1:1/models/base",
        "meta-llama/Llama-3:latest",
        ":",
        ""
      })
  void noOtherFileSystemIsOpenedForAFile(String named) {
    assertThatThrownBy(() -> find(named, null))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'" + named + "'", "Set baseModelPath");
    assertThat(Watched.OPENED).hasValue(0);
  }

  @Test
  void longNameIsCut() {
    assertThatThrownBy(() -> find("x".repeat(500_000), null))
        .isInstanceOf(ConfigException.class)
        .message()
        .hasSizeLessThan(2000);
  }

  @Test
  void whatTheUserNamesIsOpened() throws IOException {
    String base = "watched:" + folder.resolve("base");
    assertThat(find("meta-llama/Llama-3", base).adapter()).endsWith("adapters");
    assertThat(Watched.OPENED.get()).isPositive();
  }

  /** A config may stay as it is where weights are written anew, of the base or of the adapters. */
  @ParameterizedTest
  @ValueSource(strings = {"base/model.safetensors", "adapters/adapter_model.safetensors"})
  void otherWeightsAreAnotherVersion(String weights) throws IOException {
    ModelPaths paths = find(folder.resolve("base").toString(), null);
    Files.writeString(folder.resolve(weights), "some");
    List<Long> before = paths.versions(conf);
    assertThat(paths.versions(conf)).isEqualTo(before);
    Files.writeString(folder.resolve(weights), "others");
    assertThat(paths.versions(conf)).isNotEqualTo(before);
  }
}
