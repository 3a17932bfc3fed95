package dev.penstock.engine.train;

import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings the adapters of all ranks of a pipeline to its first rank, since peft opens one file.
 * Adapters are small; the weights that they adapt stay where they are.
 *
 * @param pipeline transport rank of each pipeline rank
 */
record AdapterGathering(TrainingPlan plan, Transport transport, List<Integer> pipeline) {
  private static final long ADAPTERS_TAG = 2;

  /** Whether this rank gets all adapters. */
  boolean gathersHere() {
    return transport.rank() == pipeline.get(0);
  }

  /**
   * Every adapter, on the first rank; elsewhere none. Collective over the pipeline. Tensors are in
   * the caller's PointerScope.
   */
  List<Parameter> gather(ParameterArena arena) {
    if (!gathersHere()) {
      if (arena.values().numel() > 0) {
        transport.send(arena.values(), pipeline.get(0), ADAPTERS_TAG).await();
      }
      return List.of();
    }
    List<Parameter> all = new ArrayList<>();
    for (int ppRank = 0; ppRank < pipeline.size(); ppRank++) {
      List<TensorShape> shapes = adapters(ppRank);
      long numel = shapes.stream().mapToLong(TensorShape::numel).sum();
      if (numel > 0) {
        Tensor values = ppRank == 0 ? arena.values() : receive(arena, numel, pipeline.get(ppRank));
        cut(values, shapes, all);
      }
    }
    return all;
  }

  /** The trained parameters of a rank in memory order. */
  private List<TensorShape> adapters(int ppRank) {
    return plan.modulesOf(ppRank).values().stream()
        .flatMap(modules -> RankModel.shapes(plan.spec(), modules, plan.lora()).stream())
        .filter(shape -> LoraSpec.isAdapter(shape.name()))
        .toList();
  }

  private Tensor receive(ParameterArena arena, long numel, int rank) {
    TensorSpec spec = TensorSpec.of(arena.values().scalar_type(), numel);
    return HostTensors.attach(transport.receive(spec, rank, ADAPTERS_TAG).await());
  }

  private static void cut(Tensor values, List<TensorShape> shapes, List<Parameter> result) {
    long at = 0;
    for (TensorShape shape : shapes) {
      long[] sizes = shape.shape().stream().mapToLong(Long::longValue).toArray();
      Tensor value = values.narrow(0, at, shape.numel()).view(sizes);
      result.add(new Parameter(shape.name(), value, null, true));
      at += shape.numel();
    }
  }
}
