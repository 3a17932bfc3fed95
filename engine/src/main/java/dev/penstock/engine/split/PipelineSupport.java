package dev.penstock.engine.split;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a model by which the reference refuses to pipeline it (its {@code
 * validate_hf_model_for_pipeline_support}). Tied embeddings can be trained here; refusing them is a
 * choice.
 *
 * @param modelName how messages call the model
 * @param tieWordEmbeddings the configuration's flag, the text part's if there is one
 * @param sharesEmbedding whether head and embedding really are one tensor; the flag or the sharing
 *     alone is no hindrance
 * @param encoderDecoder the configuration's {@code is_encoder_decoder}
 * @param visionLanguage whether the model also takes images
 * @param modelType the configuration's {@code model_type}
 * @param textModelType that of its {@code text_config}
 * @param ownForward whether the model's class brings its own forward pass for stages
 */
public record PipelineSupport(
    String modelName,
    boolean tieWordEmbeddings,
    boolean sharesEmbedding,
    boolean encoderDecoder,
    boolean visionLanguage,
    @Nullable String modelType,
    @Nullable String textModelType,
    boolean ownForward) {
  /** Vision-language models for which the reference has a forward pass of its own. */
  private static final Set<String> DEDICATED_FORWARD = Set.of("gemma4", "mistral3");

  public PipelineSupport {
    requireNonNull(modelName, "modelName is null");
  }

  /** What speaks against it, in the reference's words. */
  public List<String> issues() {
    List<String> issues = new ArrayList<>();
    if (tieWordEmbeddings && sharesEmbedding) {
      issues.add(
          "Pipeline parallelism does not support tie_word_embeddings=True, and overriding it to"
              + " tie_word_embeddings=False is not supported either. Train this model with another"
              + " supported parallelism strategy (e.g., FSDP2) instead.");
    }
    if (encoderDecoder) {
      issues.add(
          "Encoder-Decoder models with cross-attention are not supported yet for pipeline"
              + " parallelism.");
    }
    if (visionLanguage && !ownForward && !isDedicated(modelType) && !isDedicated(textModelType)) {
      issues.add(
          "VLM model_type='%s' is not on the pipeline-aware list (gemma4, mistral3) and brings no"
                  .formatted(modelType)
              + " forward pass of its own for stages.");
    }
    return issues;
  }

  /**
   * Refuses the model if anything speaks against it.
   *
   * @throws ConfigException listing all of it
   */
  public void check() {
    List<String> issues = issues();
    if (issues.isEmpty()) {
      return;
    }
    StringBuilder message =
        new StringBuilder(
            "Model '" + modelName + "' is not compatible with pipeline parallelism:\n\n");
    for (int i = 0; i < issues.size(); i++) {
      message.append(i + 1).append(". ").append(issues.get(i)).append('\n');
    }
    throw new ConfigException(message.toString());
  }

  private static boolean isDedicated(@Nullable String type) {
    return type != null && DEDICATED_FORWARD.contains(type);
  }
}
