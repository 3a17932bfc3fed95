package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.model.rope.RopeScaling;
import java.util.List;
import java.util.Objects;

/**
 * A decoder-only language model as data: all that the shared parts need to know of a family.
 *
 * @param modelType the Hugging Face {@code model_type}
 * @param vocabSize rows of the embedding
 * @param hiddenSize width of the residual stream
 * @param layers one entry a decoder layer
 * @param attention shape of the attention
 * @param norm the normalisation
 * @param blockNorms where layers normalise
 * @param embeddingScale factor of the embedding's output
 * @param residualScale factor of what a block adds to the residual stream
 * @param logitScale factor of the logits
 * @param logitSoftcap logits become {@code softcap * tanh(logit / softcap)}; 0: no capping
 * @param tiedEmbeddings whether the head uses the embedding's weight
 * @param paddingIndex row of the embedding that looking it up does not train; -1: none
 * @param initializerRange standard deviation of the initial weights
 * @param maxPositions longest sequence the configuration allows
 * @param dropout what training drops at random
 */
public record DecoderSpec(
    String modelType,
    int vocabSize,
    int hiddenSize,
    List<LayerSpec> layers,
    AttentionSpec attention,
    NormSpec norm,
    BlockNorms blockNorms,
    double embeddingScale,
    double residualScale,
    double logitScale,
    double logitSoftcap,
    boolean tiedEmbeddings,
    int paddingIndex,
    double initializerRange,
    int maxPositions,
    DropoutSpec dropout) {
  public DecoderSpec {
    requireNonNull(modelType, "modelType is null");
    layers = List.copyOf(layers);
  }

  /** The same where training drops otherwise. */
  public DecoderSpec withDropout(DropoutSpec newDropout) {
    return new DecoderSpec(
        modelType,
        vocabSize,
        hiddenSize,
        layers,
        attention,
        norm,
        blockNorms,
        embeddingScale,
        residualScale,
        logitScale,
        logitSoftcap,
        tiedEmbeddings,
        paddingIndex,
        initializerRange,
        maxPositions,
        newDropout);
  }

  /** Longest sequence whose rotated keys may be kept while it grows. */
  public int longestWithSameFrequencies() {
    return layers.stream()
        .map(LayerSpec::rope)
        .filter(Objects::nonNull)
        .mapToInt(rope -> rope.scaling().longestWithSameFrequencies())
        .min()
        .orElse(RopeScaling.UNLIMITED);
  }

  public int numLayers() {
    return layers.size();
  }
}
