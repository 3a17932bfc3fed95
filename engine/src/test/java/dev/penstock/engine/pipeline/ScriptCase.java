package dev.penstock.engine.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.model.LossFunction;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.optim.Optimizer;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.SafetensorsFile;
import dev.penstock.engine.safetensors.TensorEntry;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A folder of TorchScript stages, rows for them, and what plain PyTorch makes of both. */
record ScriptCase(String name, Path folder, JsonNode expected) {
  static final int ROWS = 32;
  static final int MICROBATCHES = 4;
  private static final Path CASES = Path.of("src/test/resources/torchscript");
  private static final double LEARNING_RATE = 1e-2;
  private static final long SUM = 2;
  private static final long NO_INDEX_IGNORED = -100;

  /**
   * What a run found, over all ranks.
   *
   * @param firstGradients norm of each gradient of the first step; NaN: it had none
   * @param evaluated loss of each evaluation: before the first step, if asked for, and at the end
   */
  record Outcome(
      List<Double> losses,
      List<Double> gradNorms,
      Map<String, Double> firstGradients,
      Map<String, Double> parameterNorms,
      List<Double> evaluated) {
    static Outcome empty() {
      return new Outcome(
          new ArrayList<>(),
          new ArrayList<>(),
          new HashMap<>(),
          new HashMap<>(),
          new ArrayList<>());
    }
  }

  static ScriptCase of(String name) throws IOException {
    Path folder = CASES.resolve(name);
    return new ScriptCase(
        name, folder, new ObjectMapper().readTree(folder.resolve("expected.json").toFile()));
  }

  static List<ScriptCase> expecting(String outcome) throws IOException {
    List<ScriptCase> cases = new ArrayList<>();
    try (var folders = Files.list(CASES)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        ScriptCase found = of(folder.getFileName().toString());
        if (found.expected.path("expected").asText().equals(outcome)) {
          cases.add(found);
        }
      }
    }
    return cases;
  }

  List<String> files() {
    List<String> files = new ArrayList<>();
    expected.path("files").forEach(file -> files.add(folder.resolve(file.asText()).toString()));
    return files;
  }

  /** How the stages are run. */
  record Recipe(int ppSize, String schedule, long seed, int steps, boolean evaluateFirst) {}

  Recipe recipe() {
    return new Recipe(files().size(), "1f1b", 0, expected.path("steps").asInt(), false);
  }

  /** Trains as the expected numbers were made, and saves the stages if a folder is given. */
  Outcome train(Recipe recipe, Path saved) {
    String runId = UUID.randomUUID().toString();
    Outcome all = Outcome.empty();
    Ranks.run(
            recipe.ppSize,
            rank -> LoopbackTransport.join(runId, rank, recipe.ppSize, Duration.ofSeconds(20)),
            transport -> {
              try (PointerScope scope = new PointerScope();
                  Pipeline pipeline =
                      Pipeline.build(
                          StagedModel.ofTorchScript(files(), recipe.seed),
                          loss(),
                          PipelineOptions.of(recipe.schedule, MICROBATCHES),
                          transport)) {
                return train(pipeline, recipe, saved);
              }
            })
        .forEach(
            outcome -> {
              all.losses.addAll(outcome.losses);
              if (all.gradNorms.isEmpty()) {
                all.gradNorms.addAll(outcome.gradNorms);
              }
              all.firstGradients.putAll(outcome.firstGradients);
              all.parameterNorms.putAll(outcome.parameterNorms);
              all.evaluated.addAll(outcome.evaluated);
            });
    return all;
  }

  private Outcome train(Pipeline pipeline, Recipe recipe, Path saved) throws IOException {
    Outcome outcome = Outcome.empty();
    Tensor inputs = tensor("inputs");
    Tensor targets = tensor("targets");
    try (Optimizer optimizer =
        Optimizer.of(OptimizerConfig.adamW(LEARNING_RATE), pipeline.parameters())) {
      if (recipe.evaluateFirst) {
        evaluate(pipeline, inputs, targets, outcome);
      }
      for (int step = 0; step < recipe.steps; step++) {
        double[] losses = pipeline.step(inputs, targets).losses();
        pipeline.scaleGradsByDivisor(ROWS);
        if (step == 0) {
          norms(pipeline, outcome.firstGradients, Parameter::grad);
        }
        outcome.gradNorms.add(pipeline.clipGradNorm(1.0, 2.0));
        optimizer.step(LEARNING_RATE, 0.0);
        pipeline.zeroGrad();
        if (pipeline.hasLastStage()) {
          outcome.losses.add(Arrays.stream(losses).sum() / ROWS);
        }
      }
    }
    norms(pipeline, outcome.parameterNorms, Parameter::value);
    evaluate(pipeline, inputs, targets, outcome);
    if (saved != null) {
      for (Map.Entry<Integer, StageModule> stage : pipeline.stages().entrySet()) {
        ((TorchScriptStage) stage.getValue()).save(saved.resolve("stage" + stage.getKey() + ".pt"));
      }
    }
    return outcome;
  }

  private static void evaluate(Pipeline pipeline, Tensor inputs, Tensor targets, Outcome outcome) {
    StepResult result = pipeline.eval(inputs, targets);
    if (pipeline.hasLastStage()) {
      outcome.evaluated.add(Arrays.stream(result.losses()).sum() / ROWS);
      result.outputs().close();
    }
  }

  private interface Part {
    Tensor of(Parameter parameter);
  }

  private static void norms(Pipeline pipeline, Map<String, Double> norms, Part part) {
    for (Parameter parameter : pipeline.parameters()) {
      Tensor tensor = part.of(parameter);
      norms.put(
          parameter.name().substring("stages.".length()),
          tensor == null ? Double.NaN : tensor.detach().norm().item_double());
    }
  }

  private LossFunction loss() {
    return expected.path("loss").asText().contains("cross_entropy")
        ? (output, target) ->
            torch.cross_entropy_loss(
                output.reshape(-1, output.size(-1)),
                target.reshape(-1),
                new TensorOptional(),
                SUM,
                NO_INDEX_IGNORED,
                0.0)
        : (output, target) -> torch.mse_loss(output, target, SUM);
  }

  private Tensor tensor(String name) throws IOException {
    LocalFolder store = new LocalFolder(folder);
    String file = "data.safetensors";
    try (SafetensorsFile data = SafetensorsFile.open(store.open(file), file, store.length(file))) {
      TensorEntry entry = data.entry(name);
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.toIntExact(entry.byteLength())).order(ByteOrder.LITTLE_ENDIAN);
      data.read(name, bytes);
      bytes.flip();
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      if (entry.dtype() == DType.I64) {
        long[] values = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(values);
        return HostTensors.attach(HostTensors.ofLongs(values, "cpu", shape));
      }
      float[] values = new float[bytes.remaining() / Float.BYTES];
      bytes.asFloatBuffer().get(values);
      try (TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
        return HostTensors.attach(HostTensors.ofFloats(values, options, shape));
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
