package dev.penstock.spark;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@AnalyzeClasses(
    packages = "dev.penstock.spark",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final int FEWEST_CLASSES = 40;
  private static final String SPARK = "dev.penstock.spark.";

  /** Each room below the public API, and the rooms it may see. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("interop", List.of()),
          Map.entry("hub", List.of()),
          Map.entry("fs", List.of("hub")),
          Map.entry("params", List.of("interop")),
          Map.entry("progress", List.of("interop")),
          Map.entry("data", List.of("fs", "interop")),
          Map.entry("stream", List.of("data", "fs", "interop")),
          Map.entry("barrier", List.of("data", "fs", "interop", "progress")),
          Map.entry("timeline", List.of("fs")),
          Map.entry("track", List.of("fs", "progress")),
          Map.entry("live", List.of("fs", "progress", "timeline")),
          Map.entry(
              "fit",
              List.of(
                  "barrier",
                  "data",
                  "fs",
                  "hub",
                  "interop",
                  "live",
                  "params",
                  "progress",
                  "stream",
                  "timeline",
                  "track")),
          Map.entry("doctor", List.of("barrier", "interop")),
          Map.entry("explain", List.of("fit", "interop", "params", "progress")),
          Map.entry("score", List.of("barrier", "fs", "hub", "interop")));

  @ArchTest
  static void roomsSeeWhatTheirArrowsAllow(JavaClasses classes) {
    ARROWS.forEach((room, seen) -> arrows(room, seen).check(classes));
  }

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices().matching("dev.penstock.spark.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule roomsDoNotSeeThePublicApi =
      noClasses()
          .that()
          .resideInAPackage("dev.penstock.spark.*..")
          .and()
          .resideOutsideOfPackage(SPARK + "cli")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.penstock.spark");

  @ArchTest
  static final ArchRule nothingSeesTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage(SPARK + "cli")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(SPARK + "cli");

  @ArchTest
  static final ArchRule interopKnowsSparkAlone =
      noClasses()
          .that()
          .resideInAPackage(SPARK + "interop")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("dev.penstock.engine..", "dev.penstock.datasets.."));

  @ArchTest
  static final ArchRule hubKnowsNeitherSparkNorHadoop =
      noClasses()
          .that()
          .resideInAPackage(SPARK + "hub")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala.."));

  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses().that().resideOutsideOfPackage(SPARK + "cli").should(ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule nativeLibrariesAreTheEnginesBusiness =
      noClasses().should().dependOnClassesThat(resideInAnyPackage("org.bytedeco..", "ai.djl.."));

  @ArchTest
  static final ArchRule storageIsBehindHadoop =
      noClasses()
          .that(resideInAPackage("dev.penstock.spark.(data|barrier|progress|params).."))
          .should()
          .dependOnClassesThat(resideInAnyPackage("java.nio.file.."));

  @ArchTest
  static void publicApiIsFiveClasses(JavaClasses classes) {
    assertThat(classes).hasSizeGreaterThan(FEWEST_CLASSES);
    assertThat(
            classes.stream()
                .filter(type -> type.getPackageName().equals("dev.penstock.spark"))
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(type -> type.getSimpleName()))
        .containsExactlyInAnyOrder(
            "CausalLMTrainer",
            "CausalLMModel",
            "GenerationOptions",
            "TextGenerator",
            "TrainingSummary");
  }

  /** In sources, for the bytecode of any call into Spark names Scala's types. */
  @Test
  void onlyInteropImportsScala() throws IOException {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      List<Path> importers =
          sources
              .filter(source -> source.toString().endsWith(".java"))
              .filter(ArchitectureTest::importsScala)
              .toList();
      assertThat(importers)
          .isNotEmpty()
          .allMatch(source -> source.toString().contains("/spark/interop/"));
    }
  }

  private static ArchRule arrows(String room, List<String> seen) {
    String[] rooms =
        Stream.concat(Stream.of(room), seen.stream()).map(SPARK::concat).toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(SPARK + room)
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.penstock.spark..").and(resideOutsideOfPackages(rooms)))
        .as("room %s sees %s only".formatted(room, seen));
  }

  private static boolean importsScala(Path source) {
    try {
      return Files.readString(source).contains("import scala.");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
