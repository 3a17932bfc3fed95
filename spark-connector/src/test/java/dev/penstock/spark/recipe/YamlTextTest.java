package dev.penstock.spark.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class YamlTextTest {
  @Test
  void scalarsAreThoseOfYaml11() {
    String text =
        """
        a: yes
        b: off
        c: 010
        d: 1:30
        e: 2_000
        f: 1.0e-5
        g: ~
        h:
        i: 2026-07-21
        j: 00:30:00
        k: 0b11
        l: 0o10
        a: no
        """;
    assertThat(YamlText.read(text, "text"))
        .containsEntry("a", false)
        .containsEntry("b", false)
        .containsEntry("c", 8)
        .containsEntry("d", 90)
        .containsEntry("e", 2000)
        .containsEntry("f", 1.0e-5)
        .containsEntry("g", null)
        .containsEntry("h", null)
        .containsEntry("i", "2026-07-21")
        .containsEntry("j", "00:30:00")
        .containsEntry("k", 3)
        .containsEntry("l", "0o10");
  }

  @Test
  void mergedKeysAreCopies() {
    var tree = YamlText.read("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a", "text");
    assertThat(tree).containsEntry("b", java.util.Map.of("x", 1, "y", 2));
    assertThat(tree.get("c")).isEqualTo(tree.get("a")).isNotSameAs(tree.get("a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: !!python/object/apply:os.system ['true']",
        "a: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]",
        "a: !custom 1",
        "a: !!binary aGk=",
        "a: !!set {b}",
        "a: 1\n---\nb: 2",
        "a: &a [*a]",
        "&a a: {<<: *a}",
        "- 1",
        "just text",
        "",
        "a: [1",
        "a: b: c",
        "\ta: 1",
        "a: \u0000"
      })
  void whatIsNoRecipeIsRefused(String text) {
    assertThatThrownBy(() -> YamlText.read(text, "'r.yaml'"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("recipe");
  }

  @Test
  void aliasBombsAreRefused() {
    StringBuilder lists = new StringBuilder("a0: &a0 [1,1,1,1,1,1,1,1,1]\n");
    StringBuilder maps = new StringBuilder("b0: &b0 {x: 1, y: 2}\n");
    StringBuilder merges = new StringBuilder("c0: &c0 {x0: 1}\n");
    for (int i = 1; i < 30; i++) {
      lists.append(String.format(Locale.ROOT, "a%1$d: &a%1$d [*a%2$d,*a%2$d,*a%2$d]\n", i, i - 1));
      maps.append(String.format(Locale.ROOT, "b%1$d: &b%1$d {x: *b%2$d, y: *b%2$d}\n", i, i - 1));
      merges.append(
          String.format(Locale.ROOT, "c%1$d: &c%1$d {<<: [*c%2$d,*c%2$d], x%1$d: 1}\n", i, i - 1));
    }
    for (StringBuilder bomb : List.of(lists, maps)) {
      assertThatThrownBy(() -> YamlText.read(bomb.toString(), "'r.yaml'"))
          .isInstanceOf(ConfigException.class);
    }
    assertThat(YamlText.read(merges.toString(), "text")).hasSize(30);
  }

  @Test
  void depthAndLengthAreBounded() {
    String deep = "a: " + "[".repeat(100_000);
    String deepMap = "{a: ".repeat(200) + "1" + "}".repeat(200);
    String flat = "a: x\n".repeat(100_000);
    String wide = "a: [" + "1,".repeat(100_000) + "1]";
    for (String text : List.of(deep, deepMap, flat, wide)) {
      assertThatThrownBy(() -> YamlText.read(text, "'r.yaml'"))
          .isInstanceOf(ConfigException.class)
          .satisfies(
              e ->
                  assertThat(e.getMessage().getBytes(StandardCharsets.UTF_8))
                      .hasSizeLessThan(2049));
    }
  }
}
