package dev.penstock.spark.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubNameTest {
  @ParameterizedTest
  @CsvSource({
    "hf://org/name, org/name, main, models--org--name",
    "hf://org/na.me_1-b@v1.0, org/na.me_1-b, v1.0, models--org--na.me_1-b",
    "hf://models/org/name@refs/pr/2, org/name, refs/pr/2, models--org--name",
    "hf://org/name@refs%2Fpr%2F2, org/name, refs/pr/2, models--org--name",
    "hf://gpt2, gpt2, main, models--gpt2",
  })
  void uriNamesModelAndRevision(String uri, String id, String revision, String folder) {
    HubName name = HubName.ofUri(uri);
    assertThat(name).isEqualTo(new HubName(id, revision));
    assertThat(name.folder()).isEqualTo(folder);
    assertThat(HubName.ofUri(name.toString())).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf://",
        "hf://datasets/org/name",
        "hf://org/name/folder",
        "hf://org/name@",
        "hf://org/name@../../other",
        "hf://org/name@%2e%2e/x",
        "hf://org/name@a\\b",
        "hf://../name",
        "hf://org/..",
        "hf://org/-name",
        "hf://org/name.git",
        "hf://org/na--me",
        "hf://org/na me",
        "hf://user:secret@host/name",
        "hf://org/n\u0660",
        "hf://org/name?x=y"
      })
  void otherUrisAreRefused(String uri) {
    assertThatThrownBy(() -> HubName.ofUri(uri))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'" + uri + "'", "hf://ORG/NAME@REVISION");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"name", "/org/name", "org/name/", "a/b/c", "file:/org/name", "C:\\org/x", ""})
  void pathsAreNoNames(String path) {
    assertThat(HubName.ofBare(path)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"org/name, main", "org/name@v2, v2"})
  void nameMayStandAlone(String text, String revision) {
    assertThat(HubName.ofBare(text)).contains(new HubName("org/name", revision));
  }
}
