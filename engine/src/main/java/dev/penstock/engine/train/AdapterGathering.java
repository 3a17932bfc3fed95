package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings all that is trained beside a frozen model to the first rank of a pipeline, since peft
 * opens one file, and the weights of the model that peft saves with it. Other weights stay where
 * they are.
 */
public final class AdapterGathering {
  private static final long TRAINED_TAG = 2;
  private static final long COPY_TAG = 3;

  private final TrainingPlan plan;
  private final Transport transport;
  private final List<Integer> pipeline;
  private final LoraSpec lora;

  /**
   * Prepares for a rank.
   *
   * @param plan one with adapters
   */
  public AdapterGathering(TrainingPlan plan, ProcessGrid grid, Transport transport) {
    this.plan = plan;
    this.transport = transport;
    pipeline = grid.pipelineOf(transport.rank());
    lora = requireNonNull(plan.lora(), "the plan has no adapters");
  }

  /** Whether this rank gets all. */
  boolean gathersHere() {
    return transport.rank() == pipeline.get(0);
  }

  /**
   * What peft saves, on the first rank; elsewhere nothing. Collective over the pipeline. Tensors
   * are in the caller's PointerScope.
   */
  public List<Parameter> gather(ParameterArena arena) {
    if (!gathersHere()) {
      send(arena);
      return List.of();
    }
    Map<String, Parameter> all = new LinkedHashMap<>();
    for (int ppRank = 0; ppRank < pipeline.size(); ppRank++) {
      List<TensorShape> shapes = trained(ppRank);
      long numel = shapes.stream().mapToLong(TensorShape::numel).sum();
      if (numel > 0) {
        Tensor values = ppRank == 0 ? arena.values() : receive(arena, numel, ppRank, TRAINED_TAG);
        cut(values, shapes, all);
      }
      for (Map.Entry<String, TensorShape> copy : copies(ppRank).entrySet()) {
        TensorShape shape = copy.getValue();
        Tensor value =
            ppRank == 0
                ? arena.parameter(shape.name()).value()
                : receive(arena, shape.numel(), ppRank, COPY_TAG).view(sizes(shape));
        all.put(copy.getKey(), new Parameter(copy.getKey(), value, null, false));
      }
    }
    return new ArrayList<>(all.values());
  }

  private void send(ParameterArena arena) {
    int ppRank = pipeline.indexOf(transport.rank());
    if (arena.values().numel() > 0) {
      transport.send(arena.values(), pipeline.get(0), TRAINED_TAG).await();
    }
    for (TensorShape copy : copies(ppRank).values()) {
      Tensor value = arena.parameter(copy.name()).value().detach();
      Tensor sent = value.to(arena.values().scalar_type()).contiguous().view(-1);
      transport.send(sent, pipeline.get(0), COPY_TAG).await();
    }
  }

  /** The trained parameters of a rank in memory order. */
  private List<TensorShape> trained(int ppRank) {
    return plan.modulesOf(ppRank).values().stream()
        .flatMap(modules -> RankModel.shapes(plan.spec(), modules, lora).stream())
        .filter(shape -> LoraSpec.isTrained(shape.name()))
        .distinct()
        .toList();
  }

  private Map<String, TensorShape> copies(int ppRank) {
    DecoderTensors tensors = new DecoderTensors(plan.spec());
    Map<String, TensorShape> copies = new LinkedHashMap<>();
    plan.modulesOf(ppRank).values().stream()
        .flatMap(List::stream)
        .forEach(module -> copies.putAll(lora.savedCopies(module, tensors.of(module))));
    return copies;
  }

  private Tensor receive(ParameterArena arena, long numel, int ppRank, long tag) {
    TensorSpec spec = TensorSpec.of(arena.values().scalar_type(), numel);
    return HostTensors.attach(transport.receive(spec, pipeline.get(ppRank), tag).await());
  }

  /** A parameter that two ranks hold is taken from the first. */
  private static void cut(Tensor values, List<TensorShape> shapes, Map<String, Parameter> result) {
    long at = 0;
    for (TensorShape shape : shapes) {
      Tensor value = values.narrow(0, at, shape.numel()).view(sizes(shape));
      result.putIfAbsent(shape.name(), new Parameter(shape.name(), value, null, true));
      at += shape.numel();
    }
  }

  private static long[] sizes(TensorShape shape) {
    return shape.shape().stream().mapToLong(Long::longValue).toArray();
  }
}
