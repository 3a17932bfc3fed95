package dev.penstock.spark.hub;

import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A model on a hub, and what finds it. */
abstract class HubModelsFixture {
  static final String ID = "org/name";
  static final HubName NAME = HubName.ofUri("hf://org/name");
  static final String ONE = "model-00001-of-00002.safetensors";
  static final String TWO = "model-00002-of-00002.safetensors";
  static final String INDEX =
      """
      {"metadata": {"total_size": 8}, "weight_map": {"a": "%s", "b": "%s"}}
      """
          .formatted(ONE, TWO);
  static final String SECRET = "hf_secret";
  static final int SIZE = 1_000_003;

  @TempDir Path folder;

  final TestHub hub = new TestHub();
  final Map<String, String> environment = new HashMap<>();
  final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
  final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void model() {
    environment.put("HF_ENDPOINT", hub.endpoint());
    environment.put("HF_HOME", folder.resolve("home").toString());
    hub.put(ID, "config.json", "{\"model_type\": \"llama\"}")
        .put(ID, "tokenizer.json", "{}")
        .put(ID, "generation_config.json", "{}")
        .put(ID, "merges.txt", "a b")
        .put(ID, "README.md", "# Read me")
        .put(ID, "modeling_name.py", "import os")
        .put(ID, "pytorch_model.bin", content(9))
        .put(ID, "consolidated.safetensors", content(8))
        .put(ID, "model.safetensors.index.json", INDEX)
        .put(ID, ONE, content(1))
        .put(ID, TWO, content(2));
  }

  @AfterEach
  void close() {
    hub.close();
  }

  static byte[] content(long seed) {
    byte[] content = new byte[SIZE];
    new Random(seed).nextBytes(content);
    return content;
  }

  HubModels models(String shared, boolean readsCache) throws IOException {
    return new HubModels(
        HubSettings.read(environment::get),
        uri -> new LocalFolder(Path.of(URI.create(uri))),
        shared,
        readsCache,
        lines::add,
        waits::add);
  }

  Path find() throws IOException {
    return find(NAME, ModelPart.MODEL);
  }

  Path find(HubName name, ModelPart part) throws IOException {
    return Path.of(models(null, true).find(name, part).folder());
  }

  Path shared() throws IOException {
    String shared = folder.resolve("shared").toUri().toString();
    return Path.of(models(shared, false).find(NAME, ModelPart.MODEL).folder());
  }

  Path cache() {
    return folder.resolve("home/hub/models--org--name");
  }

  static List<String> names(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
