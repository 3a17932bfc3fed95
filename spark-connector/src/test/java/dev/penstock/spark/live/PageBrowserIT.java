package dev.penstock.spark.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.engine.train.RankSnapshot;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.TestEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page in headless Chromium, where there is one (Debian's package chromium). */
@Timeout(300)
class PageBrowserIT {
  private static final int STEPS = 30;

  @TempDir Path temp;
  private final EventLog log = new EventLog();

  private static StepReport step(long step) {
    return new StepReport(step, 8 - 0.1 * step, 1, 1e-3, 90, 1000, 0.5, 1_230_000_000L, 0);
  }

  private void tell(FitEvent event) {
    boolean step = event instanceof FitEvent.Stepped;
    log.add(EventJson.of(event, null).toString(), step ? EventLog.Kind.STEP : EventLog.Kind.STORY);
  }

  /** What the ranks tell of themselves while the fit runs. */
  private void tellOfRanks() {
    List<RankSnapshot> ranks =
        List.of(
            new RankSnapshot(STEPS, 0, 2, 1_110_000_000, List.of()),
            new RankSnapshot(STEPS, 1, 2, 2_220_000_000L, List.of()));
    String svg = "<svg role=\"img\"><text>Measured: step 30</text></svg>";
    log.add(EventJson.of(new FitEvent.Measured(STEPS, ranks), svg).toString(), EventLog.Kind.STATE);
  }

  @Test
  void eventsThatComeAreShownAndNothingIsWrong() throws Exception {
    tell(TestEvents.planned("fit-1", "fit-1", STEPS, 10, temp));
    try (PageServer server = PageServer.start(log, PageText.load(), "127.0.0.1", 0)) {
      Browser browser = Browser.open(temp, server.url());
      while (server.open() == 0 && browser.isRunning()) {
        LockSupport.parkNanos(1_000_000);
      }
      for (long i = 1; i <= STEPS; i++) {
        tell(new FitEvent.Stepped(step(i)));
      }
      tell(new FitEvent.Validated(new ValidationReport(STEPS, 5.4321, 10)));
      tell(new FitEvent.AttemptFailed(1, "an executor is lost"));
      tellOfRanks();
      log.end();
      String page = browser.page();
      assertThat(page)
          .contains(">5.0000<", ">5.4321<", ">2,000<", "1.23 GB", "an executor is lost")
          .contains("Step 30 beside its plan", "Measured: step 30", "trains")
          .contains("process held 1.11 GB", "process held 2.22 GB");
      assertThat(page.split("<canvas")).hasSize(4 + 1);
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void reportShowsAllWithoutAServer() throws Exception {
    tell(TestEvents.planned("fit-1", "fit-1", STEPS, 0, temp));
    List<StepReport> steps =
        LongStream.rangeClosed(1, STEPS).mapToObj(PageBrowserIT::step).toList();
    tell(TestEvents.completed(steps, List.of(), temp));
    Path report = temp.resolve("report.html");
    Files.writeString(report, PageText.load().report(log.all()));
    Browser browser = Browser.open(temp, report.toUri().toString());
    assertThat(browser.page()).contains(">done<", ">5.0000<", "the model is in ");
    assertThat(browser.page().split("<canvas")).hasSize(4 + 1);
    assertThat(browser.complaints()).isEmpty();
  }

  /**
   * A browser that shows one page and ends.
   *
   * @param process ends once it has written the page
   */
  private record Browser(Process process, Path out, Path err) {
    static Browser open(Path temp, String url) throws IOException {
      Optional<Path> program =
          Stream.of(System.getenv("PATH").split(":"))
              .flatMap(
                  folder -> Stream.of("chromium", "chromium-browser").map(Path.of(folder)::resolve))
              .filter(Files::isExecutable)
              .findFirst();
      assumeTrue(program.isPresent(), "there is no chromium here to look at the page with");
      Path out = temp.resolve("page.txt");
      Path err = temp.resolve("browser.log");
      Process process =
          new ProcessBuilder(
                  program.get().toString(),
                  "--headless=new",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-dev-shm-usage",
                  "--user-data-dir=" + temp.resolve("profile"),
                  "--enable-logging=stderr",
                  "--virtual-time-budget=3000",
                  "--dump-dom",
                  url)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      return new Browser(process, out, err);
    }

    boolean isRunning() {
      return process.isAlive();
    }

    String page() throws IOException, InterruptedException {
      process.waitFor();
      return Files.readString(out);
    }

    List<String> complaints() throws IOException {
      return Arrays.stream(new String(Files.readAllBytes(err), UTF_8).split("\n"))
          .filter(line -> line.contains("CONSOLE"))
          .toList();
    }
  }
}
