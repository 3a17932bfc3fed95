package dev.penstock.spark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hub of these tests has a name that no server knows, so only a proxy finds it. */
@Timeout(120)
class HubProxiesTest extends HubModelsFixture {
  private static final String NOWHERE = "http://hub.invalid";

  private HubProxies proxies() {
    return HubProxies.read(name -> Optional.ofNullable(environment.get(name)));
  }

  @Test
  void hubIsAskedThroughTheProxy() throws IOException {
    environment.put("HF_ENDPOINT", NOWHERE);
    environment.put("http_proxy", hub.endpoint().replace("http://", ""));
    assertThat(find().resolve(ONE)).hasBinaryContent(content(1));
    assertThat(hub.requests().stream().filter(request -> !request.ofStorage())).isNotEmpty();
  }

  @Test
  void hubThatNeedsNoProxyIsAskedDirectly() {
    environment.put("HF_ENDPOINT", NOWHERE);
    environment.put("HTTP_PROXY", hub.endpoint());
    environment.put("NO_PROXY", "other, .invalid");
    assertThatThrownBy(this::find)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(NOWHERE, "HTTPS_PROXY");
    assertThat(hub.requests()).isEmpty();
  }

  @Test
  void secureHubIsReachedByATunnelWithoutItsToken() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    try (ServerSocket proxy = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      Thread refusing = new Thread(() -> refuse(proxy, heard));
      refusing.start();
      environment.put("HF_ENDPOINT", "https://hub.invalid");
      environment.put("HF_TOKEN", SECRET);
      environment.put("HTTPS_PROXY", "http://127.0.0.1:" + proxy.getLocalPort());
      assertThatThrownBy(this::find).hasMessageContainingAll("https://hub.invalid", "502");
      proxy.close();
      refusing.join();
    }
    assertThat(heard).contains("CONNECT hub.invalid:443 HTTP/1.1");
    assertThat(heard).noneMatch(line -> line.contains(SECRET));
  }

  private static void refuse(ServerSocket proxy, List<String> heard) {
    while (true) {
      try (Socket socket = proxy.accept();
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          heard.add(line);
        }
        socket
            .getOutputStream()
            .write("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://hub.org/x, secure:1",
    "http://hub.org/x, plain:80",
    "http://127.0.0.1:80/x, ''",
    "http://localhost/x, ''",
    "http://[::1]:80/x, ''",
    "https://mirror.org/x, ''",
    "https://a.mirror.org/x, ''",
    "https://amirror.org/x, secure:1",
    "https://other.org:8443/x, ''",
    "https://other.org/x, secure:1",
  })
  void proxyIsChosenByTheAddress(String uri, String address) {
    environment.put("https_proxy", "http://secure:1");
    environment.put("HTTPS_PROXY", "http://unheeded:1");
    environment.put("ALL_PROXY", "plain");
    environment.put("no_proxy", ".Mirror.org,other.org:8443,");
    assertThat(
            proxies()
                .of(URI.create(uri))
                .map(it -> it.proxy().address().toString().replaceFirst("/<unresolved>", ""))
                .orElse(""))
        .isEqualTo(address);
  }

  @Test
  void userOfAProxyIsNotShown() {
    environment.put("HTTPS_PROXY", "http://me:s%40cret@proxy:3128");
    HubProxies.Address proxy = proxies().of(URI.create("https://hub.org")).orElseThrow();
    assertThat(proxy.user().getUserName()).isEqualTo("me");
    assertThat(proxy.user().getPassword()).containsExactly("s@cret".toCharArray());
    assertThat(proxies().toString()).doesNotContain("cret");
  }

  @ParameterizedTest
  @CsvSource({"ftp://proxy:1", "'http://a b'", "'http://'", "https://proxy:1", "socks5://u:pw@p:1"})
  void whatIsNoProxyIsRefusedWithoutItsPassword(String value) {
    environment.put("HTTP_PROXY", value);
    assertThatThrownBy(this::proxies)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("HTTP_PROXY", "http://HOST:PORT")
        .hasMessageNotContaining("pw");
  }
}
