package dev.penstock.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.split.ModuleNaming;
import dev.penstock.engine.split.PipelineSplit;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedDecoderTest {
  private static final List<List<String>> MODULES =
      PipelineSplit.generateModuleNamesPerStage(
          2, 4, ModuleNaming.causalLm().withMultimodalEncoders(false));

  private static <T> List<T> onTwoRanks(String name, PipelineRanks.Body<T> body) {
    return onTwoRanks(Path.of("src/test/resources/hf", name), body);
  }

  private static <T> List<T> onTwoRanks(Path folder, PipelineRanks.Body<T> body) {
    return Ranks.run(
        2,
        rank -> LoopbackTransport.join("decoder" + folder, rank, 2, Duration.ofSeconds(20)),
        transport -> {
          StagedModel model = PretrainedDecoder.split(new LocalFolder(folder), MODULES);
          try (Pipeline pipeline =
              Pipeline.build(
                  model, new TokenCrossEntropy(), PipelineOptions.of("1f1b", 2), transport)) {
            return body.run(pipeline);
          }
        });
  }

  @Test
  void huggingFaceFolderRunsThroughTheFunctionalApi() {
    int[] ids = new int[4 * 16];
    Arrays.setAll(ids, i -> i * 7 % 320);
    List<double[]> losses =
        onTwoRanks(
            "llama",
            pipeline -> {
              try (Tensor tokens = HostTensors.ofTokens(ids, "cpu", 4, 16)) {
                return pipeline.step(tokens, tokens).losses();
              }
            });
    assertThat(losses.get(0)).isEmpty();
    // Fresh weights know nothing: about ln(320) for each of the 2 x 16 tokens of a microbatch.
    for (double loss : losses.get(1)) {
      assertThat(loss / 32).isBetween(5.0, 6.5);
    }
  }

  @Test
  void dropoutIsForTrainingAlone(@TempDir Path folder) throws IOException {
    Path original = Path.of("src/test/resources/hf/llama");
    try (Stream<Path> files = Files.list(original)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    String config = Files.readString(original.resolve("config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        config
            .replaceAll("\"attention_dropout\": *[0-9.]+,", "")
            .replaceFirst("\\{", "{\"attention_dropout\": 0.5,"));
    int[] ids = new int[4 * 16];
    Arrays.setAll(ids, i -> i * 7 % 320);
    List<double[]> plain = evaluatedAndTrained(original, ids);
    List<double[]> dropping = evaluatedAndTrained(folder, ids);
    assertThat(dropping.get(0)).isEqualTo(plain.get(0));
    assertThat(dropping.get(1)).isNotEqualTo(plain.get(1));
  }

  private static List<double[]> evaluatedAndTrained(Path folder, int[] ids) {
    return onTwoRanks(
            folder,
            pipeline -> {
              try (Tensor tokens = HostTensors.ofTokens(ids, "cpu", 4, 16)) {
                StepResult evaluated = pipeline.eval(tokens, tokens);
                if (evaluated.outputs() != null) {
                  evaluated.outputs().close();
                }
                return List.of(evaluated.losses(), pipeline.step(tokens, tokens).losses());
              }
            })
        .get(1);
  }

  @Test
  void stagesAreDescribedInTheFormatsOfTheReference() {
    List<PipelineInfo> infos = onTwoRanks("llama", Pipeline::info);
    PipelineInfo first = infos.get(0);
    assertThat(first.debugSummary())
        .isEqualTo(
            """
            PP degree: 2
            Local stages: 1
            Schedule: 1F1B
            n_microbatches: 2
            Total params: 106,752 (trainable: 106,752)""");
    assertThat(first.prettyPrintStages(3))
        .isEqualTo(
            """
            Stage 0 (first): params=106,752
              - model
              - model.embed_tokens
              - model.layers
              - ...""");
    assertThat(first.listStageModules().get(0))
        .contains("model.layers.1.self_attn.q_proj")
        .doesNotContain("model.layers.2");
    assertThat(infos.get(1).getStageParamCounts(false)).containsExactly(106_816L);
    assertThat(infos.get(1).hasLastStage()).isTrue();
  }

  @Test
  void tiedModelIsRefusedWithTheRemedy() {
    assertThatThrownBy(
            () ->
                PretrainedDecoder.split(
                    new LocalFolder(Path.of("src/test/resources/hf/gemma")), MODULES))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tie_word_embeddings")
        .hasMessageContaining("CausalLMTrainer");
  }
}
