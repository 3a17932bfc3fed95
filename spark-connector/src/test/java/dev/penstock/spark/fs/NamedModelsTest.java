package dev.penstock.spark.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.hub.HubName;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.hub.TestHub;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedModelsTest {
  @TempDir Path folder;

  private final TestHub hub = new TestHub();
  private final Configuration conf = new Configuration(false);

  @BeforeEach
  void model() {
    hub.put("org/name", "config.json", "{}").put("org/name", "tokenizer.json", "{}");
    conf.set("penstock.env.HF_ENDPOINT", hub.endpoint());
    conf.set("penstock.env.HF_HOME", folder.resolve("home").toString());
    conf.set("penstock.env.HF_HUB_OFFLINE", "0");
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private NamedModels.Found find(String text, String cache, boolean isLocal) throws IOException {
    return new NamedModels(conf, cache, isLocal, line -> {}).find(text, ModelPart.CONFIG);
  }

  /** As a recipe has it that was written beside a folder of its own: src/main is one here. */
  @Test
  void folderComesBeforeTheNameOfAModel() throws IOException {
    assertThat(find("src/main", null, true)).isEqualTo(new NamedModels.Found("src/main", null));
    assertThat(find(folder.toString(), null, true).name()).isNull();
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void localModeReadsTheCacheOfThisMachine() throws IOException {
    String commit = hub.commit("org/name");
    assertThat(find("org/name", null, true))
        .isEqualTo(
            new NamedModels.Found(
                "file:" + folder.resolve("home/hub/models--org--name/snapshots").resolve(commit),
                new HubName("org/name", commit)));
  }

  @Test
  void executorsReadSharedStorage() throws IOException {
    assertThatThrownBy(() -> find("hf://org/name", null, false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("hf://org/name", "Set modelCachePath");
    String cache = folder.resolve("shared").toUri().toString();
    assertThat(find("hf://org/name", cache, false).folder())
        .isEqualTo(
            "file:"
                + folder
                    .resolve("shared/models--org--name/snapshots")
                    .resolve(hub.commit("org/name")));
  }
}
