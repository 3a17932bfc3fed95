package dev.penstock.engine.model;

import static dev.penstock.engine.model.DecoderTensors.EMBEDDING;
import static dev.penstock.engine.model.DecoderTensors.FINAL_NORM;
import static dev.penstock.engine.model.DecoderTensors.HEAD;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The modules of a decoder that one stage owns: embedding, layers, final norm and head, as far as
 * they are listed.
 *
 * <p>Input is [B, T] int64 ids where the stage has the embedding, else [B, T, D] hidden states;
 * output is hidden states. The head, if it has one, is left to the loss. The weights are in the
 * rank's {@link ParameterArena}, which this does not own.
 */
public final class DecoderStage implements StageModule {
  private final DecoderSpec spec;
  private final StageContext context;
  private final List<Parameter> parameters;
  private final @Nullable Embedding embedding;
  private final @Nullable Dropout embeddingDropout;
  private final List<DecoderLayer> layers;
  private final int recomputedLayers;
  private final @Nullable RmsNorm finalNorm;
  private final @Nullable Head head;

  /**
   * Wires a stage to its weights.
   *
   * @param spec the whole model
   * @param modules names of the stage's modules, {@link LayerPart#joined}
   * @param arena holds at least the weights of these modules
   * @param types dtypes and device, the arena's too
   * @param recomputedLayers the first so many layers are run again in the backward pass
   */
  DecoderStage(
      DecoderSpec spec,
      List<String> modules,
      ParameterArena arena,
      ComputeTypes types,
      int recomputedLayers) {
    this.spec = spec;
    this.recomputedLayers = recomputedLayers;
    context = new StageContext(types);
    parameters =
        RankModel.shapes(spec, modules, arena.lora()).stream()
            .map(TensorShape::name)
            .distinct()
            .map(arena::parameter)
            .toList();
    embedding = modules.contains(EMBEDDING) ? new Embedding(arena, spec, types) : null;
    embeddingDropout =
        embedding == null
            ? null
            : Dropout.of(spec.dropout(), DropoutSpec.Place.EMBEDDING, EMBEDDING);
    layers =
        modules.stream()
            .map(LayerPart::of)
            .filter(Objects::nonNull)
            .sorted(Comparator.comparingInt(LayerPart::layer))
            .map(part -> new DecoderLayer(arena, spec, part, context))
            .toList();
    finalNorm = modules.contains(FINAL_NORM) ? new RmsNorm(arena, FINAL_NORM, spec.norm()) : null;
    head = modules.contains(HEAD) ? new Head(arena, spec) : null;
  }

  @Override
  public Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
    return run(input, null, weightGradients);
  }

  @Override
  public Tensor forward(
      Tensor input, DocumentLayout documents, @Nullable WeightGradientStore weightGradients) {
    return run(input, documents.isOneARow() ? null : documents, weightGradients);
  }

  private Tensor run(
      Tensor input,
      @Nullable DocumentLayout documents,
      @Nullable WeightGradientStore weightGradients) {
    Tensor hidden = embedding == null ? input : embedding.forward(input, weightGradients);
    hidden = Dropout.apply(embeddingDropout, hidden, weightGradients);
    if (documents != null) {
      // One long row: only attention knows tokens apart, and it gets the documents.
      hidden = hidden.reshape(1, input.size(0) * input.size(1), spec.hiddenSize());
    }
    int number = 0;
    for (DecoderLayer layer : layers) {
      boolean recomputed = weightGradients != null && number++ < recomputedLayers;
      hidden =
          recomputed
              ? weightGradients.runRecomputed(
                  (x, gradients) -> layer.forward(x, documents, gradients), hidden)
              : layer.forward(hidden, documents, weightGradients);
    }
    if (documents != null) {
      hidden = hidden.reshape(input.size(0), input.size(1), spec.hiddenSize());
    }
    if (head != null && context.cache() != null) {
      hidden = hidden.narrow(1, hidden.size(1) - 1, 1); // nobody reads the others
    }
    if (finalNorm != null) {
      hidden = finalNorm.forward(hidden, weightGradients);
    }
    return hidden;
  }

  /**
   * Starts or ends a sequence that {@link #forward} is given piece by piece, without gradients:
   * first its beginning, then one token a call. Keys and values are kept in between, and the last
   * stage's hidden states are those of the last token alone: [B, 1, D].
   */
  public void decode(boolean on) {
    context.keepKeysAndValues(on);
  }

  @Override
  public @Nullable Head head() {
    return head;
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public long[] outputShape(long[] inputShape) {
    return new long[] {inputShape[0], inputShape[1], spec.hiddenSize()};
  }

  @Override
  public void close() {
    if (embedding != null) {
      embedding.close();
    }
    if (head != null) {
      head.close();
    }
    context.close();
  }
}
