package dev.penstock.engine;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

@AnalyzeClasses(
    packages = "dev.penstock.engine",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ENGINE = "dev.penstock.engine.";
  private static final int FEWEST_CLASSES = 120;
  private static final String STORAGE = "dev.penstock.storage";

  /** Each room, and the rooms it may see. A new room needs a line. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          entry("config", List.of()),
          entry("split", List.of("config")),
          entry("schedule", List.of("config")),
          entry("schedule.draw", List.of("schedule", "config")),
          entry("safetensors", List.of(STORAGE, "config")),
          entry("comm", List.of()),
          entry("torch", List.of(STORAGE)),
          entry("model.rope", List.of()),
          entry("model", List.of("torch", "split", "model.rope")),
          entry("model.family", List.of("model", "model.rope", "config")),
          entry(
              "modelfiles",
              List.of(STORAGE, "config", "safetensors", "model", "model.family", "torch")),
          entry("checkpoint", List.of(STORAGE, "safetensors", "torch")),
          entry("optim", List.of("config", "comm", "model", "torch")),
          entry("runtime", List.of("schedule", "model", "torch", "comm")),
          entry("plan", List.of("config", "split", "schedule", "model", "model.family")),
          entry(
              "train",
              List.of(
                  STORAGE,
                  "config",
                  "split",
                  "schedule",
                  "plan",
                  "safetensors",
                  "comm",
                  "comm.connect",
                  "torch",
                  "model",
                  "model.family",
                  "modelfiles",
                  "checkpoint",
                  "optim",
                  "runtime")),
          entry(
              "pipeline",
              List.of(
                  STORAGE,
                  "config",
                  "split",
                  "schedule",
                  "safetensors",
                  "comm",
                  "torch",
                  "model",
                  "model.family",
                  "modelfiles",
                  "optim",
                  "runtime")),
          entry(
              "inference",
              List.of(
                  STORAGE,
                  "config",
                  "safetensors",
                  "torch",
                  "model",
                  "model.family",
                  "modelfiles")));

  /** On top: a check of all the rooms together, and the choice among the transports. */
  private static final List<String> SEES_ALL = List.of("parity", "comm.connect");

  @ArchTest
  static void roomsSeeWhatTheirArrowsAllow(JavaClasses classes) {
    ARROWS.forEach((room, seen) -> arrows(room, seen).check(classes));
  }

  @ArchTest
  static void everyClassLivesInARoom(JavaClasses classes) {
    String[] rooms =
        Stream.of(ARROWS.keySet(), SEES_ALL)
            .flatMap(names -> names.stream())
            .map(ENGINE::concat)
            .toArray(String[]::new);
    classes()
        .that()
        .resideOutsideOfPackage(ENGINE + "comm.*")
        .should()
        .resideInAnyPackage(rooms)
        .check(classes);
    assertThat(classes).hasSizeGreaterThan(FEWEST_CLASSES);
  }

  @ArchTest
  static final ArchRule transportsSeeNothingButTheirSpiAndTorch =
      classes()
          .that()
          .resideInAPackage(ENGINE + "comm..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                  "java..",
                  "org.jspecify..",
                  "org.bytedeco..",
                  "javax.crypto..",
                  ENGINE + "comm..",
                  ENGINE + "torch"));

  @ArchTest
  static final ArchRule transportsDoNotSeeEachOther =
      slices()
          .matching(ENGINE + "comm.(*)")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(resideInAPackage(ENGINE + "comm.connect"), alwaysTrue());

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices().matching(ENGINE + "(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule plansArePlainJava =
      classes()
          .that()
          .resideInAnyPackage(ENGINE + "config", ENGINE + "split", ENGINE + "schedule..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage("java..", "org.jspecify..", "dev.penstock.engine.."));

  /**
   * JSON is read where files of other people are: safetensors headers and config.json, both hostile
   * until checked, and the recordings of a parity check. Checkpoints' manifests are JSON so that
   * people can read them too. A tested parser does it; Spark carries it.
   */
  @ArchTest
  static final ArchRule jsonIsReadInFourRooms =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              ENGINE + "safetensors",
              ENGINE + "model.family",
              ENGINE + "parity",
              ENGINE + "checkpoint")
          .should()
          .dependOnClassesThat(resideInAPackage("com.fasterxml.jackson.."));

  @ArchTest
  static final ArchRule filesAreReadWithoutTorch =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINE + "safetensors", ENGINE + "model.family", ENGINE + "plan")
          .should()
          .dependOnClassesThat(resideInAPackage("org.bytedeco.."));

  @ArchTest
  static final ArchRule cudaIsNamedInOneRoom =
      noClasses()
          .that()
          .resideOutsideOfPackage(ENGINE + "comm.nccl")
          .should()
          .dependOnClassesThat(resideInAPackage("org.bytedeco.cuda.."));

  @ArchTest
  static final ArchRule engineKnowsNoHost =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "org.apache..", "scala..", "ai.djl..", "dev.penstock.datasets..", "org.slf4j.."));

  @ArchTest static final ArchRule nothingIsPrinted = noClasses().should(ACCESS_STANDARD_STREAMS);

  private static ArchRule arrows(String room, List<String> seen) {
    String[] rooms =
        Stream.concat(Stream.of(room), seen.stream())
            .map(name -> name.equals(STORAGE) ? STORAGE : ENGINE + name)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(ENGINE + room)
        .should()
        .dependOnClassesThat(resideInAPackage("dev.penstock..").and(resideOutsideOfPackages(rooms)))
        .as("room %s sees %s only".formatted(room, seen));
  }
}
