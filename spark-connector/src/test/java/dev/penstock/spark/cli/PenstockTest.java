package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.spark.params.TrainerOption;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PenstockTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  @TempDir Path folder;

  @Test
  void resolveSaysWhatBecomesOfEachKey() throws Exception {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "seed: 7\nrng: {seed: 8}\n");
    assertThat(run("resolve", recipe.toString(), "--step_scheduler.max_steps", "3")).isZero();
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.fieldNames())
        .toIterable()
        .containsExactly("used", "withoutMeaning", "refused", "unknown");
    assertThat(report.path("used").toString())
        .isEqualTo("{\"seed\":7,\"step_scheduler.max_steps\":3}");
    assertThat(report.path("withoutMeaning").has("rng.seed")).isTrue();
    assertThat(errors.toString()).isEmpty();
  }

  @Test
  void resolveEndsWith2WhereAnythingIsRefusedOrUnknown() throws Exception {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "seed: 7\n");
    assertThat(run("resolve", recipe.toString(), "--distributed.tp_size", "2")).isEqualTo(2);
    assertThat(run("resolve", recipe.toString(), "--sede", "2")).isEqualTo(2);
    assertThat(run("resolve", recipe.toString(), "--nproc-per-node", "2")).isZero();
    assertThat(run("resolve", folder.resolve("none.yaml").toString())).isEqualTo(2);
    assertThat(run("resolve")).isEqualTo(2);
    assertThat(run("nonsense")).isEqualTo(2);
    assertThat(errors.toString()).contains("none.yaml").doesNotContain("\tat ");
  }

  @Test
  void recipesOfTheExamplesCanBeRun() throws Exception {
    try (var recipes = Files.list(Path.of("../examples/recipes"))) {
      assertThat(recipes.toList())
          .isNotEmpty()
          .allSatisfy(recipe -> assertThat(run("resolve", recipe.toString())).isZero());
    }
  }

  @Test
  void paramsListsTheTable() {
    assertThat(run("params")).isZero();
    for (TrainerOption option : TrainerOption.values()) {
      assertThat(out.toString()).contains("--" + option.recipeKey() + "\n    Param ");
    }
  }

  @Test
  void largeFilesAndBinariesAreRefused() throws Exception {
    Path large = folder.resolve("large.yaml");
    Files.write(large, new byte[10 << 20]);
    Path binary = Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xff, 0});
    assertThat(run("resolve", large.toString())).isEqualTo(2);
    assertThat(run("resolve", binary.toString())).isEqualTo(2);
    assertThat(errors.toString()).contains("4 MB").contains("UTF-8");
  }

  private int run(String... args) {
    return Penstock.run(List.of(args), new PrintWriter(out, true), new PrintWriter(errors, true));
  }
}
