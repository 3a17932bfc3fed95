package dev.penstock.spark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubSettingsTest {
  @TempDir Path home;

  private static HubSettings read(Map<String, String> environment) throws IOException {
    return HubSettings.read(environment::get);
  }

  @Test
  void defaultsAreThoseOfTheOfficialClient() throws IOException {
    HubSettings settings = read(Map.of("XDG_CACHE_HOME", home.toString()));
    assertThat(settings.endpoint()).hasToString("https://huggingface.co");
    assertThat(settings.cache()).isEqualTo(home.resolve("huggingface/hub"));
    assertThat(settings.token()).isEmpty();
    assertThat(settings.offline()).isFalse();
    assertThat(read(Map.of()).cache())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".cache/huggingface/hub"));
  }

  @Test
  void variablesAreRead() throws IOException {
    Files.writeString(home.resolve("token"), "of-file\n");
    assertThat(read(Map.of("HF_HOME", home.toString())).token())
        .contains(new HubToken("of-file", home.resolve("token").toString()));
    HubSettings settings =
        read(
            Map.of(
                "HF_HOME", home.toString(),
                "HF_HUB_CACHE", "~/models",
                "HF_TOKEN", " of-variable ",
                "HF_ENDPOINT", "http://mirror:8080/hub/",
                "HF_HUB_DOWNLOAD_TIMEOUT", "3"));
    assertThat(settings.cache()).isEqualTo(Path.of(System.getProperty("user.home"), "models"));
    assertThat(settings.token()).contains(new HubToken("of-variable", "HF_TOKEN"));
    assertThat(settings.endpoint()).hasToString("http://mirror:8080/hub");
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.toString()).doesNotContain("of-variable");
    assertThat(read(Map.of("HF_TOKEN", "secret", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).token())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1, true",
    "on, true",
    "True, true",
    "YES, true",
    "0, false",
    "false, false",
    "2, false"
  })
  void offlineIsWhatTheOfficialClientTakesForIt(String value, boolean offline) throws IOException {
    assertThat(read(Map.of("HF_HUB_OFFLINE", value)).offline()).isEqualTo(offline);
    assertThat(read(Map.of("TRANSFORMERS_OFFLINE", value)).offline()).isEqualTo(offline);
  }

  @ParameterizedTest
  @CsvSource({
    "HF_ENDPOINT, ftp://hub",
    "HF_ENDPOINT, hub",
    "HF_ENDPOINT, https://user:secret@hub",
    "HF_ENDPOINT, 'http://a b'",
    "HF_HUB_DOWNLOAD_TIMEOUT, -1",
    "HF_HUB_DOWNLOAD_TIMEOUT, 1.5"
  })
  void whatCannotBeIsRefused(String name, String value) {
    assertThatThrownBy(() -> read(Map.of(name, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(name);
  }
}
