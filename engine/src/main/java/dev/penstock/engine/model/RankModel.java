package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The weights of a rank and the stages made of them. Whoever closes it closes the stages first (the
 * runtime does).
 */
public final class RankModel implements AutoCloseable {
  private final TensorOptions options;
  private final ParameterArena arena;
  private final Map<Integer, StageModule> stages = new TreeMap<>();

  /**
   * Allocates the weights, zeroed.
   *
   * @param spec the whole model
   * @param modulesByStage module names of each of the rank's stages
   * @param dtype of weights and activations
   * @param device e.g. {@code cpu}
   * @param recomputedLayers the first so many layers of each stage are run again in the backward
   *     pass
   */
  public RankModel(
      DecoderSpec spec,
      Map<Integer, List<String>> modulesByStage,
      ScalarType dtype,
      String device,
      int recomputedLayers) {
    options = HostTensors.options(dtype, device);
    DecoderTensors tensors = new DecoderTensors(spec);
    List<TensorShape> shapes = new ArrayList<>();
    new TreeMap<>(modulesByStage)
        .values()
        .forEach(modules -> modules.forEach(module -> shapes.addAll(tensors.of(module))));
    arena = new ParameterArena(shapes, name -> true, dtype, device);
    modulesByStage.forEach(
        (stage, modules) ->
            stages.put(stage, new DecoderStage(spec, modules, arena, options, recomputedLayers)));
  }

  /** As above, where every layer keeps its activations. */
  public RankModel(
      DecoderSpec spec,
      Map<Integer, List<String>> modulesByStage,
      ScalarType dtype,
      String device) {
    this(spec, modulesByStage, dtype, device, 0);
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
    options.close();
  }
}
