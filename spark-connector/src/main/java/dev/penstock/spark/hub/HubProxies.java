package dev.penstock.spark.hub;

import dev.penstock.engine.config.ConfigException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY}
 * name, in lower case too, as the hub's own clients read them. This machine is never asked through
 * one.
 *
 * @param https for addresses that begin with https
 * @param http for the others
 * @param direct hosts, with a port or without, that are asked directly, and so is what is below
 *     them; {@code *}: all
 */
record HubProxies(Optional<Address> https, Optional<Address> http, List<String> direct) {
  private static final int HTTP_PORT = 80;
  private static final int SOCKS_PORT = 1080;

  /**
   * One proxy.
   *
   * @param proxy where it is
   * @param user who asks it; null: anybody
   */
  record Address(Proxy proxy, @Nullable PasswordAuthentication user) {
    /** What a connection through it asks when the proxy wants to know who it is; null: nothing. */
    @Nullable Authenticator authenticator() {
      if (user == null) {
        return null;
      }
      return new Authenticator() {
        @Override
        protected @Nullable PasswordAuthentication getPasswordAuthentication() {
          return getRequestorType() == RequestorType.PROXY ? user : null;
        }
      };
    }
  }

  /**
   * Reads the variables.
   *
   * @param variable the value of one; empty if it is not set
   * @throws ConfigException if one is no proxy
   */
  static HubProxies read(Function<String, Optional<String>> variable) {
    return new HubProxies(
        proxy("HTTPS_PROXY", variable),
        proxy("HTTP_PROXY", variable),
        either("NO_PROXY", variable).stream()
            .flatMap(hosts -> Stream.of(hosts.split(",", -1)))
            .map(host -> host.strip().replaceFirst("^\\.+", "").toLowerCase(Locale.ROOT))
            .filter(host -> !host.isEmpty())
            .toList());
  }

  private static Optional<String> either(String name, Function<String, Optional<String>> variable) {
    return variable.apply(name.toLowerCase(Locale.ROOT)).or(() -> variable.apply(name));
  }

  private static Optional<Address> proxy(String name, Function<String, Optional<String>> variable) {
    return either(name, variable)
        .map(value -> address(name, value))
        .or(() -> either("ALL_PROXY", variable).map(value -> address("ALL_PROXY", value)));
  }

  private static Address address(String name, String value) {
    try {
      URI uri = URI.create(value.contains("://") ? value : "http://" + value);
      String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
      boolean socks = scheme.equals("socks5") || scheme.equals("socks5h");
      if (uri.getHost() != null
          && (scheme.equals("http") || (socks && uri.getUserInfo() == null))) {
        int port = uri.getPort() >= 0 ? uri.getPort() : socks ? SOCKS_PORT : HTTP_PORT;
        InetSocketAddress address = InetSocketAddress.createUnresolved(uri.getHost(), port);
        return new Address(
            new Proxy(socks ? Proxy.Type.SOCKS : Proxy.Type.HTTP, address),
            user(uri.getRawUserInfo()));
      }
    } catch (IllegalArgumentException e) {
      // said below, without the value: it may hold a password
    }
    throw new ConfigException(
        "%s is no address of a proxy. Set it to http://HOST:PORT, to http://USER:PASSWORD@HOST:PORT where the proxy asks for them, or to socks5://HOST:PORT."
            .formatted(name));
  }

  private static @Nullable PasswordAuthentication user(@Nullable String rawUserInfo) {
    if (rawUserInfo == null) {
      return null;
    }
    String[] parts = rawUserInfo.split(":", 2);
    return new PasswordAuthentication(
        decoded(parts[0]), decoded(parts.length < 2 ? "" : parts[1]).toCharArray());
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The proxy through which an address is asked; empty: none of the variables names one. */
  Optional<Address> of(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    boolean here = host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    return here || isDirect(host, uri.getPort())
        ? Optional.empty()
        : "https".equalsIgnoreCase(uri.getScheme()) ? https : http;
  }

  private boolean isDirect(String host, int port) {
    return direct.stream()
        .anyMatch(
            name ->
                name.equals("*")
                    || Stream.of(host, host + ":" + port)
                        .anyMatch(it -> it.equals(name) || it.endsWith("." + name)));
  }
}
