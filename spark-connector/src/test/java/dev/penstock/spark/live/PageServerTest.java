package dev.penstock.spark.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.TestEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PageServerTest {
  @TempDir Path temp;
  private final EventLog log = new EventLog();
  private final HttpClient client = HttpClient.newHttpClient();
  private PageServer server;

  private String start(String host) throws IOException {
    server = PageServer.start(log, PageText.load(), host, 0);
    return server.url();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void tell(FitEvent event) {
    log.add(EventJson.of(event, null).toString(), EventLog.Kind.STORY);
  }

  private HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void pageHasEverythingInIt() throws Exception {
    tell(TestEvents.planned("fit-1", "fit-1", 3, 0, temp));
    tell(new FitEvent.Noted("</script><script>alert(1)</script>"));
    String url = start("127.0.0.1");
    assertThat(url).matches("http://127\\.0\\.0\\.1:\\d+/");
    HttpResponse<String> page = get(url);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("\"runId\":\"fit-1\"", "uPlot", "new EventSource")
        .contains("\\u003c/script>\\u003cscript>alert(1)")
        .doesNotContain("/*data*/", "/*page.js*/", "/*uplot.js*/")
        .doesNotContainPattern("(src|href)=");
  }

  @Test
  void eventsComeAsTheyHappenAndThenTheEnd() throws Exception {
    tell(new FitEvent.Noted("before"));
    String url = start("127.0.0.1");
    HttpResponse<java.io.InputStream> events =
        client.send(
            HttpRequest.newBuilder(URI.create(url + "events?after=1")).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(events.body(), UTF_8))) {
      tell(new FitEvent.Checkpointed(7));
      assertThat(next(lines, "id")).isEqualTo("id: 2");
      assertThat(next(lines, "data"))
          .contains("\"type\":\"checkpoint\"", "\"step\":7")
          .doesNotContain("before");
      log.end();
      assertThat(next(lines, "event")).isEqualTo("event: end");
    }
  }

  private static String next(BufferedReader lines, String field) throws IOException {
    String line = lines.readLine();
    while (line != null && !line.startsWith(field + ":")) {
      line = lines.readLine();
    }
    return line;
  }

  @Test
  void nothingButThePageIsThereAndItCanOnlyBeRead() throws Exception {
    String url = start("127.0.0.1");
    assertThat(get(url + "etc/passwd").statusCode()).isEqualTo(404);
    assertThat(get(url + "..%2f").statusCode()).isEqualTo(404);
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(url))
            .POST(HttpRequest.BodyPublishers.ofString("x"))
            .build();
    assertThat(client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
  }

  /** A page from elsewhere may have its own name point to this host. */
  @Test
  void otherNamesOfTheLoopbackInterfaceAreNotAnswered() throws Exception {
    URI url = URI.create(start("127.0.0.1"));
    assertThat(statusOf(url, "evil.example")).contains(" 404 ");
    assertThat(statusOf(url, "localhost:" + url.getPort())).contains(" 200 ");
  }

  private static String statusOf(URI url, String host) throws IOException {
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
              .formatted(host)
              .getBytes(UTF_8));
      return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
    }
  }

  @Test
  void elsewhereOnlyTheSecretOpensIt() throws Exception {
    URI url = URI.create(start("0.0.0.0"));
    assertThat(url.getPath()).matches("/[0-9a-f]{32}/");
    String here = "http://127.0.0.1:" + url.getPort();
    assertThat(get(here + url.getPath()).statusCode()).isEqualTo(200);
    assertThat(get(here + "/").statusCode()).isEqualTo(404);
    assertThat(get(here + "/events").statusCode()).isEqualTo(404);
    assertThat(get(here + url.getPath().replaceFirst("..../$", "xxxx/")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void onlyTheLatestStateIsKept() throws Exception {
    tell(new FitEvent.Noted("plan"));
    log.add("{\"state\":1}", EventLog.Kind.STATE);
    log.add("{}", EventLog.Kind.STEP);
    log.add("{\"state\":2}", EventLog.Kind.STATE);
    assertThat(log.all()).extracting(EventLog.Entry::number).containsExactly(1L, 3L, 4L);
    assertThat(log.after(3, Duration.ZERO))
        .extracting(EventLog.Entry::json)
        .containsExactly("{\"state\":2}");
    start("127.0.0.1");
  }

  @Test
  void ofVeryManyStepsEverySecondIsForgotten() throws Exception {
    tell(new FitEvent.Noted("plan"));
    for (int i = 0; i < 50_000; i++) {
      log.add("{}", EventLog.Kind.STEP);
    }
    assertThat(log.all()).hasSizeBetween(10_000, 20_001);
    assertThat(log.all().get(0).json()).contains("plan");
    assertThat(log.all().get(log.all().size() - 1).number()).isEqualTo(50_001);
    start("127.0.0.1");
  }
}
