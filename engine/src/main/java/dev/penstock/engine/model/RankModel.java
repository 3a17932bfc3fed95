package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a rank and the stages made of them. Whoever closes it closes the stages first (the
 * runtime does).
 */
public final class RankModel implements AutoCloseable {
  private final ParameterArena arena;
  private final Map<Integer, StageModule> stages = new TreeMap<>();

  /**
   * How a rank's stages are made.
   *
   * @param dtype of weights and activations
   * @param device e.g. {@code cpu}
   * @param recomputedLayers the first so many layers of each stage are run again in the backward
   *     pass
   * @param lora adapters and what else is trained beside them; null: all is trained
   */
  public record Options(
      ScalarType dtype, String device, int recomputedLayers, @Nullable LoraSpec lora) {}

  /**
   * Allocates the weights, zeroed.
   *
   * @param spec the whole model
   * @param modulesByStage module names of each of the rank's stages
   */
  public RankModel(DecoderSpec spec, Map<Integer, List<String>> modulesByStage, Options options) {
    ComputeTypes types = ComputeTypes.of(options.dtype, options.device);
    List<TensorShape> shapes =
        new TreeMap<>(modulesByStage)
            .values().stream()
                .flatMap(modules -> shapes(spec, modules, options.lora).stream())
                .toList();
    arena = new ParameterArena(shapes, options.lora, options.dtype, options.device);
    modulesByStage.forEach(
        (stage, modules) ->
            stages.put(
                stage, new DecoderStage(spec, modules, arena, types, options.recomputedLayers)));
  }

  /** As above, where every weight is trained and every layer keeps its activations. */
  public RankModel(
      DecoderSpec spec,
      Map<Integer, List<String>> modulesByStage,
      ScalarType dtype,
      String device) {
    this(spec, modulesByStage, new Options(dtype, device, 0, null));
  }

  /**
   * The weights of some modules in memory order, those of each module before its adapters. Pure
   * arithmetic.
   */
  public static List<TensorShape> shapes(
      DecoderSpec spec, List<String> modules, @Nullable LoraSpec lora) {
    DecoderTensors tensors = new DecoderTensors(spec);
    List<TensorShape> shapes = new ArrayList<>();
    for (String module : modules) {
      List<TensorShape> own = tensors.of(module);
      shapes.addAll(lora == null ? own : lora.of(module, own));
    }
    return shapes;
  }

  public ParameterArena arena() {
    return arena;
  }

  /** The rank's stages by stage id. */
  public Map<Integer, StageModule> stages() {
    return stages;
  }

  @Override
  public void close() {
    arena.close();
  }
}
