package dev.penstock.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.inference.CausalLM;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraMerge;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.model.family.AdapterConfig;
import dev.penstock.engine.model.family.LoraTargets;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.modelfiles.WeightWriter;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model that adapters were merged into computes what peft computes with both. */
class PeftMergeTest {
  private static final float ROUNDING = 2e-5f;
  private static final Path PEFT = Path.of("src/test/resources/peft");

  @TempDir Path folder;

  private static Path base(String name) throws IOException {
    Path golden = PEFT.resolve(name).resolve("golden.json");
    return PEFT.resolve(new ObjectMapper().readTree(golden.toFile()).path("base").asText());
  }

  private static LoraSpec merging(DecoderSpec spec, ModelFiles files) throws IOException {
    LoraConfig read = AdapterConfig.parse(files.readAdapterConfig(), "folder").lora();
    LoraConfig merging =
        new LoraConfig(
            read.rank(),
            read.alpha(),
            read.dropout(),
            read.targetModules(),
            read.excludeModules(),
            true,
            read.options());
    return LoraTargets.resolve(spec, merging, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bias-all",
        "dora",
        "dora-patterns",
        "embedding",
        "head",
        "modules-to-save-norms",
        "modules-to-save-tied-ensured",
        "trainable-tokens",
        "trainable-tokens-tied"
      })
  void mergedModelComputesTheSame(String name) throws IOException {
    ModelFiles files =
        new ModelFiles(new LocalFolder(base(name)), new LocalFolder(PEFT.resolve(name)));
    DecoderSpec spec = ModelFamilies.parse(files.readConfig());
    LoraSpec lora = merging(spec, files);
    DecoderTensors tensors = new DecoderTensors(spec);
    RankModel.Options options = new RankModel.Options(ScalarType.Float, "cpu", 0, lora);
    try (RankModel model = new RankModel(spec, Map.of(0, tensors.modules()), options)) {
      files.read(spec, model.arena());
      LoraMerge.apply(model.arena());
      List<Parameter> weights = new ArrayList<>();
      for (TensorShape weight : tensors.all()) {
        weights.add(
            new Parameter(
                weight.name(), model.arena().parameter(weight.name()).value(), null, false));
      }
      WeightWriter.write(new LocalFolder(folder), ModelWeights.SINGLE_FILE, weights, DType.F32);
    }
    Files.copy(base(name).resolve("config.json"), folder.resolve("config.json"));

    Reference reference = Reference.read(PEFT.resolve(name));
    Reference.Tokens tokens = reference.batch();
    int[][] rows = new int[tokens.rows()][];
    for (int row = 0; row < rows.length; row++) {
      int begin = row * tokens.seqLength();
      rows[row] = Arrays.copyOfRange(tokens.ids(), begin, begin + tokens.seqLength());
    }
    try (CausalLM merged = CausalLM.load(new LocalFolder(folder), "cpu")) {
      assertThat(merged.logits(rows)).containsExactly(reference.logits(), within(ROUNDING));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedding-tied", "modules-to-save-tied"})
  void embeddingThatTheHeadDoesNotFollowCannotBeMerged(String name) throws IOException {
    ModelFiles files =
        new ModelFiles(new LocalFolder(base(name)), new LocalFolder(PEFT.resolve(name)));
    DecoderSpec spec = ModelFamilies.parse(files.readConfig());
    assertThatThrownBy(() -> merging(spec, files))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("one weight", "cannot be merged");
  }
}
