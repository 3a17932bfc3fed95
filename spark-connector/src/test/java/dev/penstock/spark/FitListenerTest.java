package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.train.RankSnapshot;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.progress.FitEvent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What can be heard and seen of a real fit. */
@Timeout(300)
class FitListenerTest {
  @TempDir Path folder;
  private final List<FitEvent> events = Collections.synchronizedList(new ArrayList<>());
  private final List<String> pages = Collections.synchronizedList(new ArrayList<>());

  @Test
  void fitIsHeardServedAndReported() throws Exception {
    CausalLMModel model =
        TestModels.trainer(folder)
            .setLivePage(true)
            .setCheckpointInterval(3)
            .setTimelineSteps(1)
            .setTensorboardPath(folder.resolve("tensorboard").toString())
            .addListener(events::add)
            .addListener(
                event -> {
                  throw new IllegalStateException("a listener that fails");
                })
            .setProgressLines(this::read)
            .fit(TestModels.verses());

    assertThat(events.get(0)).isInstanceOf(FitEvent.Planned.class);
    assertThat(events)
        .contains(new FitEvent.AttemptStarted(1, 0))
        .last()
        .isInstanceOf(FitEvent.Completed.class);
    assertThat(events).filteredOn(FitEvent.Stepped.class::isInstance).hasSize(TestModels.STEPS);
    assertThat(pages).hasSize(1);
    assertThat(pages.get(0)).contains("new EventSource");
    assertThat(folder.resolve("tensorboard")).isDirectoryContaining(run -> Files.isDirectory(run));
    String report = Files.readString(Path.of(URI.create(model.modelPath())).resolve("report.html"));
    assertThat(report)
        .contains("\"type\":\"completed\"", "\"live\":false", "Measured: the last pipeline step")
        .doesNotContainPattern("(src|href)=");
    assertThat(model.summary().reportHtml()).isEqualTo(report);
    for (String kind : List.of("png", "svg")) {
      Path loss = folder.resolve("pictures/loss." + kind);
      Path timeline = folder.resolve("pictures/timeline." + kind);
      model.summary().plotLoss(loss.toString());
      model.summary().plotTimeline(timeline.toString());
      assertThat(loss).isNotEmptyFile();
      assertThat(timeline)
          .hasSameBinaryContentAs(folder.resolve("model/timeline/timeline." + kind));
    }
    Path here = Path.of("loss-" + System.nanoTime() + ".svg");
    model.summary().plotLoss(here.toString());
    assertThat(Files.deleteIfExists(here)).isTrue();
    assertThatThrownBy(() -> model.summary().plotLoss(folder.resolve("loss.gif").toString()))
        .hasMessageContaining("must end with .svg or .png");
  }

  @Test
  void ranksAreWatchedWhileTheyTrain() {
    Thread caller = Thread.currentThread();
    List<FitEvent.Measured> heard = Collections.synchronizedList(new ArrayList<>());
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setMaxSteps(1_000_000)
            .addListener(
                event -> {
                  if (event instanceof FitEvent.Measured measured) {
                    if (heard.isEmpty()) {
                      caller.interrupt();
                    }
                    heard.add(measured);
                  }
                });
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class);
    assertThat(Thread.interrupted()).isTrue();

    FitEvent.Measured first = heard.get(0);
    assertThat(first.ranks()).extracting(RankSnapshot::ppRank).containsExactly(0, 1);
    for (RankSnapshot rank : first.ranks()) {
      assertThat(rank.step()).isEqualTo(first.step());
      assertThat(rank.peakBytes()).isGreaterThan(100_000_000);
      assertThat(rank.spans())
          .filteredOn(span -> span.action().type().isCompute())
          .hasSize(2 * TestModels.GLOBAL_BATCH_SIZE / 2) // forward and backward
          .allMatch(span -> span.rank() == rank.ppRank());
    }
  }

  /** Asks for the page while the fit runs, which says where it is first of all. */
  private void read(String line) {
    if (line.startsWith("live page: ")) {
      assertThat(pages).isEmpty();
      try {
        URI url = URI.create(line.substring("live page: ".length()));
        pages.add(
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
                .body());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
