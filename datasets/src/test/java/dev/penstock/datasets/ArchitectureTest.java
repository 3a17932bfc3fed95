package dev.penstock.datasets;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "dev.penstock.datasets",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final int FEWEST_CLASSES = 25;

  @ArchTest
  static final ArchRule noEngineSparkOrTorch =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.penstock.engine..",
              "dev.penstock.spark..",
              "org.apache..",
              "scala..",
              "org.bytedeco..");

  @ArchTest
  static final ArchRule roomsAreFreeOfCycles =
      slices().matching("dev.penstock.datasets.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule packAndOrderArePlainJava =
      classes()
          .that()
          .resideInAnyPackage("dev.penstock.datasets.pack", "dev.penstock.datasets.order")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "dev.penstock.datasets",
              "dev.penstock.datasets.pack",
              "dev.penstock.datasets.order");

  @ArchTest
  static final ArchRule onlyOneClassKnowsTheNativeLibrary =
      noClasses()
          .that()
          .doNotHaveSimpleName("NativeTokenizer")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static void theRulesSeeTheClasses(JavaClasses classes) {
    assertThat(classes.size()).isGreaterThan(FEWEST_CLASSES);
  }
}
