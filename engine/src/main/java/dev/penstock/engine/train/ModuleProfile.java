package dev.penstock.engine.train;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.Head;
import dev.penstock.engine.model.LayerSpec;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.WeightGradientStore;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.split.ModuleCost;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * What each module of a decoder costs on this device: the seconds of one microbatch, from a short
 * run of each kind of module. Give the costs to {@link TrainingPlan#of(
 * dev.penstock.engine.config.TrainingConfig, List)} to cut by them. Times differ from run to run,
 * so one rank measures and tells the others.
 */
public final class ModuleProfile {
  private static final int WARM_UP = 3;
  private static final int RUNS = 7;

  private final DecoderSpec spec;
  private final BatchConfig batch;
  private final String device;

  public ModuleProfile(DecoderSpec spec, BatchConfig batch, String device) {
    this.spec = spec;
    this.batch = batch;
    this.device = device;
  }

  /** Runs each kind of module forward and backward; takes seconds, and memory for one module. */
  public List<ModuleCost> measure() {
    DecoderTensors tensors = new DecoderTensors(spec);
    Map<LayerSpec, double[]> layers = new HashMap<>();
    List<ModuleCost> costs = new ArrayList<>();
    for (String module : tensors.modules()) {
      int layer = DecoderTensors.layerNumber(module);
      double[] seconds =
          layer < 0
              ? time(module)
              : layers.computeIfAbsent(spec.layers().get(layer), same -> time(module));
      long parameters = tensors.of(module).stream().mapToLong(TensorShape::numel).sum();
      costs.add(new ModuleCost(module, seconds[0], seconds[1], parameters));
    }
    return List.copyOf(costs);
  }

  /** Median seconds of the forward and of the backward pass. */
  private double[] time(String module) {
    RankModel model = new RankModel(spec, Map.of(0, List.of(module)), ScalarType.Float, device);
    StageModule stage = model.stages().get(0);
    try (Tensor input = input(module)) {
      new WeightInitializer(0, spec.initializerRange()).fill(model.arena());
      double[][] runs =
          IntStream.range(0, WARM_UP + RUNS)
              .mapToObj(run -> once(stage, input))
              .skip(WARM_UP)
              .toArray(double[][]::new);
      return new double[] {median(runs, 0), median(runs, 1)};
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
    try (TensorOptions options = HostTensors.options(ScalarType.Float, device)) {
      Tensor tensor = HostTensors.ofFloats(hidden, options, rows, length, spec.hiddenSize());
      tensor.requires_grad_(true);
      return tensor;
    }
  }

  private double[] once(StageModule stage, Tensor input) {
    long begin = System.nanoTime();
    try (PointerScope scope = new PointerScope();
        WeightGradientStore weightGradients = new WeightGradientStore(0)) {
      Tensor output = stage.forward(input, weightGradients);
      Head head = stage.head();
      Tensor loss =
          head == null
              ? output.sum()
              : new TokenCrossEntropy().loss(output, head, targets(), weightGradients);
      long middle = System.nanoTime();
      loss.backward();
      weightGradients.backwardWhole();
      long end = System.nanoTime();
      return new double[] {(middle - begin) / 1e9, (end - middle) / 1e9};
    }
  }

  private Tensor targets() {
    int[] targets = new int[batch.microbatchSize() * batch.seqLength()];
    Arrays.setAll(targets, i -> i % spec.vocabSize());
    return HostTensors.attach(
        HostTensors.ofTokens(targets, device, batch.microbatchSize(), batch.seqLength()));
  }

  private static double median(double[][] runs, int part) {
    double[] sorted = Arrays.stream(runs).mapToDouble(run -> run[part]).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
