package dev.penstock.engine.pipeline;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.Head;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.WeightGradientStore;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face model cut into stages (the reference's {@code split_model_into_stages}). Parameter
 * names keep the global layer numbers.
 */
public final class PretrainedDecoder {
  private PretrainedDecoder() {}

  /**
   * Splits a model folder.
   *
   * @param folder {@code config.json} and safetensors; read when a rank makes its stages
   * @param moduleNamesPerStage which modules each stage owns
   * @throws ConfigException if the weights do not fit the config, or the embedding is tied to the
   *     head: two stages would hold one weight, which only the trainer keeps equal
   */
  public static StagedModel split(FileSource folder, List<List<String>> moduleNamesPerStage)
      throws IOException {
    ModelFiles files = ModelFiles.of(folder);
    DecoderSpec spec = files.checkModel().spec();
    if (spec.tiedEmbeddings() && moduleNamesPerStage.size() > 1) {
      throw new ConfigException(
          "'%s' ties its head to its embedding ('tie_word_embeddings' is true), which stands on two stages. Train it with CausalLMTrainer or RankTrainer, which keep both copies equal, or untie it."
              .formatted(folder.location()));
    }
    List<List<String>> modules = List.copyOf(moduleNamesPerStage);
    return StagedModel.of(modules.size(), stage -> new Stage(spec, files, modules.get(stage)));
  }

  /** A decoder stage that owns its weights. */
  private static final class Stage implements StageModule {
    private final RankModel model;
    private final StageModule module;

    Stage(DecoderSpec spec, ModelFiles files, List<String> modules) {
      model = new RankModel(spec, Map.of(0, modules), ScalarType.Float, "cpu");
      module = model.stages().get(0);
      try {
        files.read(spec, model.arena());
      } catch (IOException e) {
        close();
        throw new UncheckedIOException("Cannot read the weights of " + modules, e);
      }
    }

    @Override
    public Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
      return module.forward(input, weightGradients);
    }

    @Override
    public @Nullable Head head() {
      return module.head();
    }

    @Override
    public List<Parameter> parameters() {
      return module.parameters();
    }

    @Override
    public long[] outputShape(long[] inputShape) {
      return module.outputShape(inputShape);
    }

    @Override
    public void close() {
      module.close();
      model.close();
    }
  }
}
