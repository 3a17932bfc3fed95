package dev.penstock.examples;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@AnalyzeClasses(
    packages = "dev.penstock.examples",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final int MOST_LINES = 150;
  private static final int FEWEST_EXAMPLES = 5;

  /** A user's code needs the classes beside CausalLMTrainer, and nothing below them but storage. */
  @ArchTest
  static final ArchRule sparkIsUsedThroughItsPublicApi =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.penstock.spark..")
                  .and(resideOutsideOfPackages("dev.penstock.spark")));

  @ArchTest
  static final ArchRule quickstartKnowsNoEngine =
      noClasses()
          .that()
          .haveSimpleName("Quickstart")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.penstock.engine..", "dev.penstock.datasets..");

  @ArchTest
  static final ArchRule scheduleViewerKnowsSchedulesAlone =
      noClasses()
          .that()
          .haveSimpleNameStartingWith("Schedule")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.penstock..")
                  .and(
                      resideOutsideOfPackages(
                          "dev.penstock.examples",
                          "dev.penstock.engine.schedule..",
                          "dev.penstock.engine.config")));

  @ArchTest
  static final ArchRule parityKnowsTheCheckAlone =
      noClasses()
          .that()
          .haveSimpleNameStartingWith("Parity")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.penstock..")
                  .and(
                      resideOutsideOfPackages(
                          "dev.penstock.examples",
                          "dev.penstock.engine.parity",
                          "dev.penstock.engine.schedule",
                          "dev.penstock.engine.config")));

  @Test
  void examplesAreShort() throws IOException {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      List<Path> files = sources.filter(path -> path.toString().endsWith(".java")).toList();
      assertThat(files)
          .hasSizeGreaterThan(FEWEST_EXAMPLES)
          .allSatisfy(
              file -> assertThat(numLines(file)).as(file.toString()).isLessThan(MOST_LINES));
    }
  }

  private static long numLines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
