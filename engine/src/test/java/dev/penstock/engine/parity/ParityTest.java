package dev.penstock.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recorded model, in layouts that take turns, so that each family meets several of them. */
class ParityTest {
  private static final Path FOLDERS = Path.of("src/test/resources/hf");

  /** Models whose files are odd in one way or another. */
  private static final Path ODD_FOLDERS = Path.of("src/test/resources/wild");

  private static final double MAX_LOGIT = 1e-5;
  private static final double MAX_LOSS = 1e-6;
  private static final double MAX_GRADIENT = 1e-5;
  private static final double MAX_CURVE = 1e-5;

  /** AdamW magnifies the rounding of gradients near 0, which shows in norms before losses. */
  private static final double MAX_GRAD_NORM = 1e-4;

  private static final List<Layout> LAYOUTS =
      List.of(
          new Layout(1, "1f1b", 3),
          new Layout(2, "1f1b", 4),
          new Layout(2, "zbvzerobubble", 4),
          new Layout(4, "1f1b", 4),
          new Layout(2, "interleaved1f1b", 4));

  private record Layout(int ppSize, String schedule, int microbatches) {}

  private record Case(Path path, Layout layout) {
    Case(String folder, Layout layout) {
      this(FOLDERS.resolve(folder), layout);
    }
  }

  static List<Case> cases() throws IOException {
    List<Path> folders = foldersIn(FOLDERS);
    List<Case> cases = new ArrayList<>();
    LAYOUTS.forEach(layout -> cases.add(new Case("llama", layout)));
    for (int microbatches = 1; microbatches <= 8; microbatches++) {
      for (int ppSize : new int[] {1, 2, 4}) {
        cases.add(new Case("llama", new Layout(ppSize, "gpipe", microbatches)));
        if (microbatches >= ppSize) {
          cases.add(new Case("llama", new Layout(ppSize, "1f1b", microbatches)));
        }
      }
    }
    for (ScheduleGenerator generator : Schedules.all()) {
      cases.add(new Case("llama", new Layout(2, generator.name(), 4)));
    }
    for (int i = 0; i < folders.size(); i++) {
      cases.add(new Case(folders.get(i), LAYOUTS.get(i % LAYOUTS.size())));
    }
    foldersIn(ODD_FOLDERS).forEach(path -> cases.add(new Case(path, new Layout(2, "1f1b", 4))));
    return cases;
  }

  private static List<Path> foldersIn(Path parent) throws IOException {
    try (Stream<Path> list = Files.list(parent)) {
      return list.filter(Files::isDirectory).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void numbersAreThoseOfTransformers(Case test) throws IOException {
    Layout layout = test.layout();
    ParityReport report =
        new ParityCheck(
                test.path(),
                layout.ppSize(),
                ScheduleConfig.named(layout.schedule()),
                layout.microbatches())
            .run();
    assertThat(report.logits()).isLessThan(MAX_LOGIT);
    assertThat(report.loss()).isLessThan(MAX_LOSS);
    assertThat(report.gradient()).as(report.worstParameter()).isLessThan(MAX_GRADIENT);
    assertThat(report.curve()).isLessThan(MAX_CURVE);
    assertThat(report.gradNorms()).isLessThan(MAX_GRAD_NORM);
  }
}
