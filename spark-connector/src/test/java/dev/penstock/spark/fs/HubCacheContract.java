package dev.penstock.spark.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.hub.HubFault;
import dev.penstock.spark.hub.HubName;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.hub.TestHub;
import dev.penstock.storage.FileOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What storage must do for models to be fetched to it. */
@Timeout(120)
abstract class HubCacheContract {
  private static final String ID = "org/name";
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path home;

  private final byte[] weights = new byte[3_000_001];
  private final TestHub hub = new TestHub();

  HubCacheContract() {
    new Random(1).nextBytes(weights);
    hub.put(ID, "config.json", "{}").put(ID, "tokenizer.json", "{}").put(ID, WEIGHTS, weights);
  }

  /** A folder that no test had before. */
  abstract String folder();

  abstract Configuration conf();

  @AfterEach
  void close() {
    hub.close();
  }

  private NamedModels.Found find(String cache) throws IOException {
    Configuration conf = conf();
    conf.set("penstock.env.HF_ENDPOINT", hub.endpoint());
    conf.set("penstock.env.HF_HOME", home.toString());
    conf.set("penstock.env.HF_HUB_OFFLINE", "0");
    return new NamedModels(conf, cache, false, line -> {})
        .find("hf://" + ID + "@v1", ModelPart.MODEL);
  }

  @Test
  void modelComesWholeOverABrokenConnection() throws IOException {
    String cache = folder();
    hub.fault("/name/" + WEIGHTS, HubFault.cut(2_000_000));
    NamedModels.Found found = find(cache);
    assertThat(found.name()).isEqualTo(new HubName(ID, hub.commit(ID)));
    HadoopFolder folder = HadoopFolder.of(found.folder(), conf());
    assertThat(folder.list()).containsExactly("config.json", WEIGHTS, "tokenizer.json");
    assertThat(folder.read(WEIGHTS)).isEqualTo(weights);
    int asked = hub.requests().size();
    assertThat(find(cache)).isEqualTo(found);
    assertThat(hub.requests()).hasSize(asked);
  }

  /** A driver that is killed while it fetches leaves what it wrote where the storage shows it. */
  @Test
  void whatADeadDriverLeftIsGoneOnFrom() throws IOException {
    String cache = folder();
    HadoopFolder model = HadoopFolder.of(cache, conf()).folder("models--org--name");
    String file = "snapshots/" + hub.commit(ID) + "/" + WEIGHTS;
    try (FileOutput out = model.create(file)) {
      out.write(weights, 0, 2_000_000);
      out.leave();
    }
    assertThat(HadoopFolder.of(find(cache).folder(), conf()).read(WEIGHTS)).isEqualTo(weights);
    assertThat(
            hub.requests().stream()
                .filter(TestHub.Request::ofStorage)
                .map(request -> Objects.requireNonNullElse(request.range(), "all")))
        .containsExactly(model.movesCheaply() ? "bytes=2000000-" : "all");
    assertThat(model.unfinished(file)).isEmpty();
  }

  @Test
  void nothingStaysOfWhatIsRefused() throws IOException {
    String cache = folder();
    hub.fault(hub.commit(ID) + "/" + WEIGHTS, HubFault.status(403));
    assertThatThrownBy(() -> find(cache)).isInstanceOf(ConfigException.class);
    HadoopFolder model = HadoopFolder.of(cache, conf()).folder("models--org--name");
    assertThat(model.listAll())
        .noneMatch(name -> name.endsWith(WEIGHTS) || name.startsWith("refs/"));
    assertThat(HadoopFolder.of(find(cache).folder(), conf()).read(WEIGHTS)).isEqualTo(weights);
  }
}
