package dev.penstock.spark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class HubModelsTest {
  private static final String ID = "org/name";
  private static final HubName NAME = HubName.ofUri("hf://org/name");
  private static final String ONE = "model-00001-of-00002.safetensors";
  private static final String TWO = "model-00002-of-00002.safetensors";
  private static final String INDEX =
      """
      {"metadata": {"total_size": 8}, "weight_map": {"a": "%s", "b": "%s"}}
      """
          .formatted(ONE, TWO);
  private static final String SECRET = "hf_secret";
  private static final int SIZE = 1_000_003;

  @TempDir Path folder;

  private final TestHub hub = new TestHub();
  private final Map<String, String> environment = new HashMap<>();
  private final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

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

  private static byte[] content(long seed) {
    byte[] content = new byte[SIZE];
    new Random(seed).nextBytes(content);
    return content;
  }

  private HubModels models(String shared, boolean readsCache) throws IOException {
    return new HubModels(
        HubSettings.read(environment::get),
        uri -> new LocalFolder(Path.of(URI.create(uri))),
        shared,
        readsCache,
        lines::add,
        waits::add);
  }

  private Path find() throws IOException {
    return find(NAME, ModelPart.MODEL);
  }

  private Path find(HubName name, ModelPart part) throws IOException {
    return Path.of(models(null, true).find(name, part).folder());
  }

  private Path shared() throws IOException {
    String shared = folder.resolve("shared").toUri().toString();
    return Path.of(models(shared, false).find(NAME, ModelPart.MODEL).folder());
  }

  private Path cache() {
    return folder.resolve("home/hub/models--org--name");
  }

  private static List<String> names(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

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
  void transferGoesOnWhereItBrokeOff() throws IOException {
    hub.fault("/name/" + ONE, TestHub.cut(400_000), TestHub.cut(300_000));
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(
            hub.requests().stream()
                .filter(request -> request.ofStorage() && request.path().endsWith(ONE))
                .map(TestHub.Request::range))
        .containsExactly(null, "bytes=400000-", "bytes=700000-");
    assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  @Test
  void permitThatRanOutIsAskedForAgain() throws IOException {
    hub.fault("/name/" + ONE, TestHub.cut(400_000), TestHub.status(403));
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(
            hub.paths("GET").stream()
                .filter(path -> path.endsWith("/" + hub.commit(ID) + "/" + ONE)))
        .hasSize(3);
  }

  @Test
  void serverWithoutRangesSendsAllAgain() throws IOException {
    hub.forgetRanges().fault("/name/" + ONE, TestHub.cut(400_000));
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(lines).last().asString().contains("2.00 MB of 2.00 MB");
  }

  @Test
  void damagedFileIsFetchedAgain() throws IOException {
    hub.fault("/name/" + TWO, TestHub.damaged());
    assertThat(find().resolve(TWO)).hasBinaryContent(content(2));
    assertThat(lines).last().asString().contains("2.00 MB of 2.00 MB");
  }

  @Test
  void damagedFileIsNotTakenIn() throws IOException {
    TestHub.Fault[] always = new TestHub.Fault[10];
    Arrays.fill(always, TestHub.damaged());
    hub.fault("/name/" + TWO, always);
    assertThatThrownBy(this::find)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(TWO, "SHA-256", TestHub.sha256(content(2)), "HF_ENDPOINT");
    assertThat(names(cache().resolve("blobs")))
        .doesNotContain(TestHub.sha256(content(2)))
        .noneMatch(name -> name.endsWith(".unfinished"));
    assertThat(cache().resolve("refs/main")).doesNotExist();
  }

  @Test
  void busyHubIsAskedAgainWhenItWantsTo() throws IOException {
    hub.fault(
        "/api/models/org/name/revision/main",
        TestHub.status(429, "Retry-After", "17"),
        TestHub.status(429, "RateLimit", "\"api\";r=0;t=55"),
        TestHub.status(503));
    find();
    assertThat(waits)
        .containsExactly(Duration.ofSeconds(17), Duration.ofSeconds(55), Duration.ofSeconds(4));
  }

  @Test
  void hubThatIsBusyForLongIsNotWaitedFor() {
    hub.fault("/revision/main", TestHub.status(429, "Retry-After", "3600"));
    assertThatThrownBy(this::find)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("fewer requests for 3600 s", "HF_TOKEN");
    assertThat(waits).isEmpty();
  }

  @Test
  void silentServerIsLeft() throws IOException {
    environment.put("HF_HUB_DOWNLOAD_TIMEOUT", "2");
    hub.fault("/revision/main", hub.silent());
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(waits).contains(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @CsvSource({
    "hf://org/nome, '', There is no model 'org/nome', Check the spelling",
    "hf://org/name@v3, '', no revision 'v3', /org/name/tree/main",
    "hf://org/name, 403 GatedRepo, hf://org/name is gated, Accept their terms at",
    "hf://org/name, 403, does not let somebody without a token read, HF_TOKEN",
    "hf://org/name, 404, There is no model 'org/name', HF_TOKEN",
    "hf://org/name, 500, cannot serve hf://org/name now, Try again later",
    "hf://org/name, 200, does not answer as a hub, HF_ENDPOINT",
  })
  void refusalNamesTheRemedy(String name, String fault, String problem, String remedy) {
    if (!fault.isEmpty()) {
      String[] words = fault.split(" ");
      TestHub.Fault answer =
          words.length > 1
              ? TestHub.status(Integer.parseInt(words[0]), "X-Error-Code", words[1])
              : TestHub.status(Integer.parseInt(words[0]));
      hub.fault("/revision/main", answer, answer, answer, answer, answer);
    }
    assertThatThrownBy(() -> find(HubName.ofUri(name), ModelPart.MODEL))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(problem, remedy);
    assertThat(cache()).doesNotExist();
  }

  @Test
  void tokenIsNamedByItsOriginAlone() {
    environment.put("HF_TOKEN", SECRET);
    hub.demand("another");
    assertThatThrownBy(this::find)
        .hasMessageContainingAll("does not know the token of HF_TOKEN", "hf auth login")
        .hasMessageNotContaining(SECRET);
  }

  @Test
  void modelWithoutSafetensorsIsRefusedBeforeAnythingIsFetched() {
    hub.put("org/old", "config.json", "{}").put("org/old", "pytorch_model.bin", content(1));
    assertThatThrownBy(() -> find(HubName.ofUri("hf://org/old"), ModelPart.MODEL))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("model.safetensors", "pytorch_model.bin", "save it anew");
    assertThatThrownBy(() -> find(HubName.ofUri("hf://org/old"), ModelPart.TOKENIZER))
        .hasMessageContainingAll("no tokenizer.json", "AutoTokenizer");
    assertThat(hub.paths("HEAD")).isEmpty();
  }

  @Test
  void indexNamesOnlyFilesOfTheModel() {
    hub.put(ID, "model.safetensors.index.json", INDEX.replace(TWO, "other.safetensors"));
    assertThatThrownBy(this::find)
        .hasMessageContainingAll("names files that it does not have: other.safetensors");
    hub.put(ID, "model.safetensors.index.json", INDEX.replace(TWO, "../../x.safetensors"));
    assertThatThrownBy(this::find).hasMessageContaining("../../x.safetensors");
  }

  @ParameterizedTest
  @CsvSource({"file:///etc/passwd", "ftp://127.0.0.1/x", "'http://[x'", "/loop"})
  void redirectElsewhereIsNotFollowed(String target) {
    TestHub.Fault redirect = TestHub.status(302, "Location", target);
    if (target.equals("/loop")) {
      redirect = TestHub.status(302, "Location", "/api/models/org/name/revision/main");
    }
    TestHub.Fault[] always = new TestHub.Fault[100];
    Arrays.fill(always, redirect);
    hub.fault("/revision/main", always);
    assertThatThrownBy(this::find)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("redirects", "HF_ENDPOINT")
        .hasMessageNotContaining("passwd");
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
  void unreachableHubIsNamed() {
    environment.put("HF_ENDPOINT", "http://127.0.0.1:1");
    assertThatThrownBy(this::find)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("http://127.0.0.1:1", "hf download org/name");
    assertThat(waits).hasSize(4);
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

  @Test
  void interruptEndsTheFetch() throws IOException {
    Thread.currentThread().interrupt();
    assertThatThrownBy(this::find).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
