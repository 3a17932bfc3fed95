package dev.penstock.spark.hub;

import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong between a hub and this machine, and what is done about it. */
@Timeout(120)
class HubFailuresTest extends HubModelsFixture {
  @Test
  void transferGoesOnWhereItBrokeOff() throws IOException {
    hub.fault("/name/" + ONE, HubFault.cut(400_000), HubFault.cut(300_000));
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(
            hub.requests().stream()
                .filter(request -> request.ofStorage() && request.path().endsWith(ONE))
                .map(TestHub.Request::range))
        .containsExactly(null, "bytes=400000-", "bytes=700000-");
    assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  @Test
  void nextFetchGoesOnWhereAFailedOneEnded() throws IOException {
    HubFault[] faults = new HubFault[6];
    Arrays.fill(faults, HubFault.status(403));
    faults[0] = HubFault.cut(400_000);
    hub.fault("/name/" + ONE, faults);
    assertThatThrownBy(this::find).isInstanceOf(ConfigException.class).hasMessageContaining("403");
    int asked = hub.requests().size();
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(
            hub.requests().stream()
                .skip(asked)
                .filter(request -> request.ofStorage() && request.path().endsWith(ONE))
                .map(TestHub.Request::range))
        .containsExactly("bytes=400000-");
    assertThat(names(cache().resolve("blobs"))).noneMatch(name -> name.startsWith("."));
  }

  @Test
  void permitThatRanOutIsAskedForAgain() throws IOException {
    hub.fault("/name/" + ONE, HubFault.cut(400_000), HubFault.status(403));
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(
            hub.paths("GET").stream()
                .filter(path -> path.endsWith("/" + hub.commit(ID) + "/" + ONE)))
        .hasSize(3);
  }

  @Test
  void serverWithoutRangesSendsAllAgain() throws IOException {
    hub.forgetRanges().fault("/name/" + ONE, HubFault.cut(400_000));
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(lines).last().asString().contains("2.00 MB of 2.00 MB");
  }

  @Test
  void damagedFileIsFetchedAgain() throws IOException {
    hub.fault("/name/" + TWO, HubFault.damaged());
    assertThat(find().resolve(TWO)).hasBinaryContent(content(2));
    assertThat(lines).last().asString().contains("2.00 MB of 2.00 MB");
  }

  @Test
  void damagedFileIsNotTakenIn() throws IOException {
    HubFault[] always = new HubFault[10];
    Arrays.fill(always, HubFault.damaged());
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
        HubFault.status(429, "Retry-After", "17"),
        HubFault.status(429, "RateLimit", "\"api\";r=0;t=55"),
        HubFault.status(503));
    find();
    assertThat(waits)
        .containsExactly(Duration.ofSeconds(17), Duration.ofSeconds(55), Duration.ofSeconds(4));
  }

  @Test
  void hubMayNameADateToWaitUntil() throws IOException {
    String later =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(UTC).plusSeconds(250));
    hub.fault(
        "/revision/main",
        HubFault.status(503, "Retry-After", later),
        HubFault.status(429, "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"),
        HubFault.status(503, "Retry-After", "soon"));
    find();
    assertThat(waits.get(0)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(250));
    assertThat(waits).element(1).isEqualTo(Duration.ofSeconds(2));
    assertThat(waits).element(2).isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void hubThatIsBusyForLongIsNotWaitedFor() {
    hub.fault("/revision/main", HubFault.status(429, "Retry-After", "3600"));
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
      HubFault answer =
          words.length > 1
              ? HubFault.status(Integer.parseInt(words[0]), "X-Error-Code", words[1])
              : HubFault.status(Integer.parseInt(words[0]));
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
    HubFault redirect = HubFault.status(302, "Location", target);
    if (target.equals("/loop")) {
      redirect = HubFault.status(302, "Location", "/api/models/org/name/revision/main");
    }
    HubFault[] always = new HubFault[100];
    Arrays.fill(always, redirect);
    hub.fault("/revision/main", always);
    assertThatThrownBy(this::find)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("redirects", "HF_ENDPOINT")
        .hasMessageNotContaining("passwd");
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
  void interruptEndsTheFetch() throws IOException {
    Thread.currentThread().interrupt();
    assertThatThrownBy(this::find).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
