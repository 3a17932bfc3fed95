package dev.penstock.engine.train;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.Head;
import dev.penstock.engine.model.LayerPart;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.WeightGradientStore;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.plan.ModuleTime;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.torch.HostTensors;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * How long each module of a run takes for a microbatch on this device, from a short run of each
 * kind of module. Times differ from run to run, so where ranks go by them, one measures and tells
 * the others.
 */
public final class ModuleProfile {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int WARM_UP = 2;
  private static final int RUNS = 7;

  /** A module that is slow runs less often. */
  private static final long MOST_NANOS = 1_000_000_000L;

  private final DecoderSpec spec;
  private final @Nullable LoraSpec lora;
  private final BatchConfig batch;
  private final ScalarType dtype;
  private final String device;

  /** Prepares to measure the modules of a run, with its adapters and in its precision. */
  public ModuleProfile(TrainingPlan plan, String device) {
    spec = plan.spec();
    lora = plan.lora();
    batch = plan.config().batch();
    dtype = RankStages.types(plan.config().compute().precision(), device).activation();
    this.device = device;
  }

  /**
   * Runs each kind of module forward and backward; takes seconds, and memory for one module.
   *
   * @return every part of the model in the order of the forward pass, layers as their halves
   */
  public List<ModuleTime> measure() {
    Map<Object, ModuleTime> kinds = new HashMap<>();
    List<ModuleTime> times = new ArrayList<>();
    for (String module : new DecoderTensors(spec).parts()) {
      ModuleTime time = kinds.computeIfAbsent(kind(module), same -> time(module));
      times.add(new ModuleTime(module, time.forward(), time.input(), time.weight()));
    }
    return List.copyOf(times);
  }

  /** What modules that take the same time have in common. */
  private Object kind(String module) {
    LayerPart part = LayerPart.of(module);
    if (part == null) {
      return module;
    }
    String layer = DecoderTensors.layerName(part.layer());
    List<String> shapes =
        RankModel.shapes(spec, List.of(module), lora).stream()
            .map(shape -> shape.name().replace(layer, "") + shape.shape())
            .toList();
    return List.of(spec.layers().get(part.layer()), shapes);
  }

  /** The medians of some runs. */
  private ModuleTime time(String module) {
    RankModel.Options options = new RankModel.Options(dtype, device, 0, lora);
    RankModel model = new RankModel(spec, Map.of(0, List.of(module)), options);
    StageModule stage = model.stages().get(0);
    try (Tensor input = input(module)) {
      new WeightInitializer(0, spec.initializerRange()).fill(model.arena());
      List<ModuleTime> runs = new ArrayList<>();
      long begin = nanos();
      for (int run = 0; run < WARM_UP + RUNS; run++) {
        runs.add(once(module, stage, input));
        if (run > 0 && nanos() - begin > MOST_NANOS) {
          break;
        }
      }
      List<ModuleTime> warm = runs.subList(Math.min(WARM_UP, runs.size() - 1), runs.size());
      return new ModuleTime(
          module,
          median(warm, ModuleTime::forward),
          median(warm, ModuleTime::input),
          median(warm, ModuleTime::weight));
    } finally {
      stage.close();
      model.close();
    }
  }

  private Tensor input(String module) {
    Random random = new Random(0);
    int rows = batch.microbatchSize();
    int length = batch.seqLength();
    if (module.equals(DecoderTensors.EMBEDDING)) {
      int[] ids = random.ints((long) rows * length, 0, spec.vocabSize()).toArray();
      return HostTensors.ofTokens(ids, device, rows, length);
    }
    float[] hidden = new float[rows * length * spec.hiddenSize()];
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = (float) random.nextGaussian();
    }
    try (TensorOptions options = HostTensors.options(dtype, device)) {
      Tensor tensor = HostTensors.ofFloats(hidden, options, rows, length, spec.hiddenSize());
      tensor.requires_grad_(true);
      return tensor;
    }
  }

  private ModuleTime once(String module, StageModule stage, Tensor input) {
    long begin = nanos();
    try (PointerScope scope = new PointerScope();
        WeightGradientStore weightGradients = new WeightGradientStore(0)) {
      Tensor output = stage.forward(input, weightGradients);
      Head head = stage.head();
      Tensor loss =
          head == null
              ? output.sum()
              : new TokenCrossEntropy().loss(output, head, targets(), weightGradients);
      long forward = nanos();
      if (loss.requires_grad()) {
        weightGradients.backwardInputs(loss::backward);
      }
      long inputs = nanos();
      weightGradients.backwardWeights();
      long weights = nanos();
      return new ModuleTime(
          module, (forward - begin) / 1e9, (inputs - forward) / 1e9, (weights - inputs) / 1e9);
    }
  }

  private static long nanos() {
    return THREADS.getCurrentThreadCpuTime();
  }

  private Tensor targets() {
    int[] targets = new int[batch.microbatchSize() * batch.seqLength()];
    Arrays.setAll(targets, i -> i % spec.vocabSize());
    return HostTensors.attach(
        HostTensors.ofTokens(targets, device, batch.microbatchSize(), batch.seqLength()));
  }

  private static double median(List<ModuleTime> runs, ToDoubleFunction<ModuleTime> part) {
    double[] sorted = runs.stream().mapToDouble(part).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
