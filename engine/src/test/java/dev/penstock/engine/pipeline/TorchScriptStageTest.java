package dev.penstock.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchScriptStageTest {
  private static final List<String> FILES =
      List.of(
          "src/test/resources/torchscript/block0.pt", "src/test/resources/torchscript/block1.pt");

  private record Outcome(double[] losses, Map<String, double[]> gradients) {}

  private static Outcome step(Pipeline pipeline) {
    try (Tensor inputs = PipelineRanks.inputs(8);
        Tensor targets = PipelineRanks.targets(8)) {
      double[] losses = pipeline.step(inputs, targets).losses();
      return new Outcome(losses, PipelineRanks.gradients(pipeline));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpipe", "1f1b"})
  void scriptsGiveTheSameNumbersAsTheSameStagesInJava(String schedule) {
    PipelineOptions options = PipelineOptions.of(schedule, 4).withActivationType(ScalarType.Double);
    List<Outcome> expected =
        new PipelineRanks(2, 2, options, PipelineRanks.SUM).run(TorchScriptStageTest::step);
    List<Outcome> actual =
        Ranks.run(
            2,
            rank -> LoopbackTransport.join("scripts" + schedule, rank, 2, Duration.ofSeconds(20)),
            transport -> {
              try (Pipeline pipeline =
                  Pipeline.build(
                      StagedModel.ofTorchScript(FILES), PipelineRanks.SUM, options, transport)) {
                return step(pipeline);
              }
            });
    for (int rank = 0; rank < 2; rank++) {
      assertThat(actual.get(rank).losses).containsExactly(expected.get(rank).losses, within(1e-12));
      assertThat(actual.get(rank).gradients)
          .containsOnlyKeys(
              String.format(Locale.ROOT, "stages.%d.linear.weight", rank),
              String.format(Locale.ROOT, "stages.%d.linear.bias", rank));
      assertThat(
              actual
                  .get(rank)
                  .gradients
                  .get(String.format(Locale.ROOT, "stages.%d.linear.weight", rank)))
          .containsExactly(expected.get(rank).gradients.get(rank + ".weight"), within(1e-12));
    }
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> TorchScriptStage.load("no/such.pt", "s"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no/such.pt");
  }

  @Test
  void fileThatIsNoScriptIsRefused(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("stage.pt"), "not a zip archive");
    assertThatThrownBy(() -> TorchScriptStage.load(file.toString(), "s"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not a TorchScript module")
        .hasMessageContaining("torch.jit.script");
  }
}
