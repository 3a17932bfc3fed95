package dev.penstock.spark.hub;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where models come from, by the environment variables that the hub's own clients read.
 *
 * @param endpoint the hub
 * @param token who asks; empty: anybody
 * @param cache the folder of models that were fetched, on this machine
 * @param offline whether nothing may be asked for
 * @param timeout how long the hub may be silent
 * @param proxies through which it is asked
 */
record HubSettings(
    URI endpoint,
    Optional<HubToken> token,
    Path cache,
    boolean offline,
    Duration timeout,
    HubProxies proxies) {
  private static final String PUBLIC_HUB = "https://huggingface.co";
  private static final int TIMEOUT_SECONDS = 30;
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

  /**
   * Reads them.
   *
   * @param environment the value of a variable; null if it is not set
   * @throws ConfigException if one cannot be
   */
  static HubSettings read(UnaryOperator<String> environment) throws IOException {
    Variables variables = new Variables(environment);
    Path home =
        variables
            .path("HF_HOME")
            .orElseGet(
                () ->
                    variables
                        .path("XDG_CACHE_HOME")
                        .orElse(Path.of(System.getProperty("user.home"), ".cache"))
                        .resolve("huggingface"));
    return new HubSettings(
        endpoint(variables.text("HF_ENDPOINT").orElse(PUBLIC_HUB)),
        HubToken.find(environment, variables.path("HF_TOKEN_PATH").orElse(home.resolve("token"))),
        variables
            .path("HF_HUB_CACHE")
            .or(() -> variables.path("HUGGINGFACE_HUB_CACHE"))
            .orElse(home.resolve("hub")),
        isTrue(
            variables
                .text("HF_HUB_OFFLINE")
                .or(() -> variables.text("TRANSFORMERS_OFFLINE"))
                .orElse(null)),
        Duration.ofSeconds(variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT").orElse(TIMEOUT_SECONDS)),
        HubProxies.read(variables::text));
  }

  private record Variables(UnaryOperator<String> environment) {
    Optional<String> text(String name) {
      return Optional.ofNullable(environment.apply(name))
          .map(String::strip)
          .filter(value -> !value.isEmpty());
    }

    Optional<Path> path(String name) {
      return text(name)
          .map(
              value ->
                  value.startsWith("~/")
                      ? Path.of(System.getProperty("user.home"), value.substring(2))
                      : Path.of(value))
          .map(Path::toAbsolutePath);
    }

    Optional<Integer> seconds(String name) {
      return text(name)
          .map(
              value -> {
                if (!value.matches("[1-9]\\d{0,4}")) {
                  throw new ConfigException(
                      "%s is %s. Set it to a whole number of seconds, 1 to 99999."
                          .formatted(name, Quoted.of(value)));
                }
                return Integer.valueOf(value);
              });
    }
  }

  private static URI endpoint(String text) {
    try {
      URI uri = URI.create(text.replaceFirst("/+$", ""));
      if (HubHttp.isWeb(uri) && uri.getUserInfo() == null && uri.getQuery() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new ConfigException(
        "HF_ENDPOINT is %s. Set it to the address of a hub, such as %s, without a user in it."
            .formatted(Quoted.of(text), PUBLIC_HUB));
  }

  static boolean isTrue(@Nullable String value) {
    return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
  }
}
