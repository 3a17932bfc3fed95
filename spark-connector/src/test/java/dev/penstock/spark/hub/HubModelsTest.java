package dev.penstock.spark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HubModelsTest extends HubModelsFixture {
  @Test
  void cacheIsThatOfTheOfficialClient() throws IOException {
    Path snapshot = find();
    String commit = hub.commit(ID);
    assertThat(snapshot).isEqualTo(cache().resolve("snapshots/" + commit));
    assertThat(names(snapshot))
        .containsExactly(
            "config.json",
            "generation_config.json",
            "merges.txt",
            ONE,
            TWO,
            "model.safetensors.index.json",
            "tokenizer.json");
    assertThat(snapshot.resolve(ONE)).hasBinaryContent(content(1));
    assertThat(Files.readSymbolicLink(snapshot.resolve(TWO)))
        .hasToString("../../blobs/" + TestHub.sha256(content(2)));
    assertThat(Files.readSymbolicLink(snapshot.resolve("tokenizer.json")))
        .hasToString("../../blobs/" + TestHub.gitId("{}".getBytes(StandardCharsets.UTF_8)));
    assertThat(cache().resolve("refs/main")).hasContent(commit);
    assertThat(cache().resolve(".no_exist/" + commit + "/chat_template.jinja")).isEmptyFile();
    assertThat(names(cache().resolve("blobs"))).hasSize(6); // two of the files are the same
    assertThat(lines).first().asString().contains("hf://org/name: 5 files");
    assertThat(lines).last().asString().contains("2.00 MB of 2.00 MB");
  }

  @Test
  void whatIsThereIsNotAskedForAgain() throws IOException {
    Path snapshot = find();
    int asked = hub.requests().size();
    assertThat(find()).isEqualTo(snapshot);
    assertThat(find(NAME.at(hub.commit(ID)), ModelPart.MODEL)).isEqualTo(snapshot);
    assertThat(find(NAME, ModelPart.TOKENIZER)).isEqualTo(snapshot);
    assertThat(hub.requests()).hasSize(asked);

    Files.delete(snapshot.resolve(TWO));
    assertThat(find().resolve(TWO)).hasBinaryContent(content(2));
    assertThat(hub.paths("GET").stream().filter(path -> path.endsWith(TWO))).hasSize(2);
  }

  @Test
  void namedTemplatesAreFetched() throws IOException {
    hub.put(ID, "additional_chat_templates/tool_use.jinja", "{{ tools }}")
        .put(ID, "additional_chat_templates/x/../../../y.jinja", "")
        .put(ID, "../escaped.jinja", "");
    Path snapshot = find(NAME, ModelPart.TOKENIZER);
    assertThat(snapshot.resolve("additional_chat_templates/tool_use.jinja"))
        .hasContent("{{ tools }}");
    assertThat(names(snapshot)).hasSize(3);
    assertThat(shared().resolve("additional_chat_templates/tool_use.jinja")).exists();
  }

  @Test
  void partsAreFetchedAlone() throws IOException {
    assertThat(names(find(NAME, ModelPart.CONFIG))).containsExactly("config.json");
    assertThat(names(find(NAME, ModelPart.TOKENIZER)))
        .containsExactly("config.json", "merges.txt", "tokenizer.json");
  }

  @Test
  void anotherCommitFetchesWhatChanged() throws IOException {
    find();
    hub.put(ID, "config.json", "{}");
    Path snapshot = find(NAME.at("v1"), ModelPart.MODEL);
    assertThat(snapshot.resolve("config.json")).hasContent("{}");
    assertThat(snapshot.resolve(ONE)).hasBinaryContent(content(1));
    assertThat(hub.paths("GET").stream().filter(path -> path.endsWith(ONE))).hasSize(2);
    assertThat(cache().resolve("refs/v1")).hasContent(hub.commit(ID));
  }

  @Test
  void tokenGoesToTheHubAlone() throws IOException {
    environment.put("HF_TOKEN", SECRET);
    hub.demand(SECRET);
    find();
    assertThat(hub.requests().stream().filter(TestHub.Request::ofStorage))
        .hasSize(2)
        .allMatch(request -> request.authorization() == null);
    assertThat(hub.requests().stream().filter(request -> !request.ofStorage()))
        .hasSizeGreaterThan(10)
        .allMatch(request -> ("Bearer " + SECRET).equals(request.authorization()));
  }

  @Test
  void nothingIsAskedForOffline() throws IOException {
    environment.put("HF_HUB_OFFLINE", "1");
    assertThatThrownBy(this::find)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("hf://org/name", "HF_HUB_OFFLINE", "home/hub");
    assertThat(hub.requests()).isEmpty();
    environment.remove("HF_HUB_OFFLINE");
    Path snapshot = find();
    Files.delete(snapshot.resolve("generation_config.json"));
    environment.put("HF_HUB_OFFLINE", "1");
    assertThat(find()).isEqualTo(snapshot);
    Files.delete(snapshot.resolve(ONE));
    assertThatThrownBy(this::find).hasMessageContaining("HF_HUB_OFFLINE");
  }

  /** The official client fetches the weights alone if nothing else is asked of it. */
  @Test
  void whatOthersDidNotFetchIsCompletedAtTheirCommit() throws IOException {
    Path snapshot = find();
    Files.delete(snapshot.resolve("generation_config.json"));
    int asked = hub.requests().size();
    assertThat(find().resolve("generation_config.json")).hasContent("{}");
    assertThat(hub.requests().get(asked).path()).endsWith("/revision/" + hub.commit(ID));
    assertThat(hub.requests()).hasSize(asked + 3); // the list, and a head that redirects

    Files.delete(snapshot.resolve("generation_config.json"));
    environment.put("HF_ENDPOINT", "http://127.0.0.1:1");
    assertThat(find()).isEqualTo(snapshot);
  }

  @Test
  void sharedStorageGetsPlainFiles() throws IOException {
    Path snapshot = shared();
    String path = "shared/models--org--name/snapshots/" + hub.commit(ID);
    assertThat(snapshot).isEqualTo(folder.resolve(path));
    assertThat(snapshot.resolve(TWO)).hasBinaryContent(content(2)).matches(Files::isRegularFile);
    assertThat(Files.isSymbolicLink(snapshot.resolve(TWO))).isFalse();
    int asked = hub.requests().size();
    assertThat(shared()).isEqualTo(snapshot);
    assertThat(hub.requests()).hasSize(asked);
    assertThat(cache()).doesNotExist();
  }

  @Test
  void cacheOfThisMachineIsCopiedToSharedStorage() throws IOException {
    find();
    int asked = hub.requests().size();
    Path snapshot = shared();
    assertThat(snapshot.resolve(ONE)).hasBinaryContent(content(1));
    assertThat(Files.isSymbolicLink(snapshot.resolve(ONE))).isFalse();
    assertThat(names(snapshot)).hasSize(7);
    assertThat(shared()).isEqualTo(snapshot);
    assertThat(hub.requests()).hasSize(asked);
  }

  @Test
  void adaptersAreFetchedWithoutAModel() throws IOException {
    hub.put("org/lora", "adapter_config.json", "{}")
        .put("org/lora", "adapter_model.safetensors", content(3))
        .put("org/lora", "adapter_model.bin", content(4));
    assertThat(names(find(HubName.ofUri("hf://org/lora"), ModelPart.MODEL)))
        .containsExactly("adapter_config.json", "adapter_model.safetensors");
  }

  @Test
  void fitsAtTheSameTimeFetchOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<Path>> found = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        found.add(threads.submit(() -> find()));
      }
      for (Future<Path> path : found) {
        assertThat(path.get().resolve(ONE)).exists();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(hub.requests().stream().filter(TestHub.Request::ofStorage)).hasSize(2);
  }
}
