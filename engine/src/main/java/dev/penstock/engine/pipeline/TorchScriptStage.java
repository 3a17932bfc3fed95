package dev.penstock.engine.pipeline;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.NamedSeed;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.WeightGradientStore;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.engine.torch.NativeMessage;
import dev.penstock.engine.torch.SeededRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.NamedTensor;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.named_parameter_iterator;
import org.bytedeco.pytorch.named_parameter_list;
import org.jspecify.annotations.Nullable;

/**
 * A stage saved from Python by {@code torch.jit.script(module).save(file)} or by {@code
 * torch.jit.trace}, whose {@code forward} takes one tensor and returns one. Autograd computes all
 * its gradients in I; W does nothing.
 *
 * <p>Nothing but training changes the module: evaluation runs in evaluation mode, and shapes are
 * found on a copy. What it draws at random in training depends on the seed, the stage, the step and
 * the microbatch alone. Operators that change their input in place are given a copy of it. {@link
 * #save} writes weights and buffers back as TorchScript.
 */
public final class TorchScriptStage implements StageModule {
  private final String file;
  private final JitModule module;
  private final ScriptMode mode;
  private final boolean random;
  private final long seed;
  private final List<Parameter> parameters;

  private TorchScriptStage(String file, JitModule module, String prefix, long seed) {
    this.file = file;
    this.module = module;
    this.seed = NamedSeed.of(seed, prefix);
    mode = new ScriptMode(module);
    random = ScriptGraph.drawsRandomNumbers(module);
    parameters = parameters(module, prefix);
  }

  /** As {@link #load(String, String, long)}, with seed 0. */
  public static TorchScriptStage load(String file, String prefix) {
    return load(file, prefix, 0);
  }

  /**
   * Loads a stage.
   *
   * @param file local path of a TorchScript archive
   * @param prefix set before the parameters' names, so that they are unique in the model
   * @param seed of what the stage draws at random, with the prefix
   * @throws ConfigException if there is no such file, it is not TorchScript, or its forward does
   *     not take and return exactly one tensor
   */
  public static TorchScriptStage load(String file, String prefix, long seed) {
    return new TorchScriptStage(file, ScriptFile.load(file), prefix, seed);
  }

  /** A weight under several names is one parameter, of the first. */
  private static List<Parameter> parameters(JitModule module, String prefix) {
    List<Parameter> parameters = new ArrayList<>();
    try (PointerScope scope = new PointerScope()) {
      named_parameter_list named = module.named_parameters();
      named_parameter_iterator at = named.begin();
      for (long i = named.size(); i > 0; i--) {
        NamedTensor entry = at.access();
        Tensor value = new Tensor(entry.value());
        if (parameters.stream().noneMatch(known -> known.value().is_same(value))) {
          parameters.add(
              Parameter.ofLeaf(prefix + "." + entry.name().getString(), value.retainReference()));
        }
        at.increment();
      }
    }
    return List.copyOf(parameters);
  }

  @Override
  public Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
    if (weightGradients == null) {
      return mode.evaluating(() -> run(module, input));
    }
    return random
        ? SeededRandom.call(seed + weightGradients.pass(), () -> run(module, input))
        : run(module, input);
  }

  private Tensor run(JitModule script, Tensor input) {
    // Without its optimizer, the interpreter runs every pass as it ran the first one.
    boolean optimized = torch.getGraphExecutorOptimize();
    torch.setGraphExecutorOptimize(false);
    try {
      // In-place operators may change neither a leaf nor what is somebody else's too.
      IValue output = script.forward(new IValueVector(new IValue(input.clone())));
      // toTensor() is a reference into the IValue, which does not outlive the scope.
      return new Tensor(output.toTensor());
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "The forward of '%s' fails on an input %s %s: %s"
              .formatted(
                  file,
                  input.dtype().name().getString(),
                  Arrays.toString(HostTensors.shape(input)),
                  NativeMessage.of(e)));
    } finally {
      torch.setGraphExecutorOptimize(optimized);
    }
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  /** As {@link #outputShape(Tensor)}, of zeros in the dtype of the parameters. */
  @Override
  public long[] outputShape(long[] inputShape) {
    try (PointerScope scope = new PointerScope()) {
      ScalarType dtype =
          parameters.isEmpty() ? ScalarType.Float : parameters.get(0).value().scalar_type();
      return outputShape(torch.zeros(inputShape, new TensorOptions(dtype)));
    }
  }

  /**
   * Runs a copy of the module in evaluation mode: a script does not tell its shapes otherwise, and
   * a pass through the module itself could change its buffers.
   *
   * @throws ConfigException if the module cannot take such an input
   */
  @Override
  public long[] outputShape(Tensor example) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      JitModule copy = module.deepcopy();
      copy.eval();
      return HostTensors.shape(SeededRandom.call(seed, () -> run(copy, example)));
    } catch (IllegalStateException e) {
      throw new ConfigException(
          e.getMessage()
              + ". A stage must take what the stage before it returns, the first one the batch.");
    }
  }

  /**
   * Writes the module with its present weights and buffers as TorchScript, for {@code
   * torch.jit.load} and for {@link #load}. A file that is replaced is there until the new one is
   * complete.
   */
  public void save(Path target) throws IOException {
    Path beside = Path.of(target + ".part");
    try {
      module.save(beside.toString());
    } catch (RuntimeException e) {
      Files.deleteIfExists(beside);
      throw new IOException("Cannot write '%s': %s".formatted(target, NativeMessage.of(e)));
    }
    Files.move(beside, target, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    parameters.forEach(parameter -> parameter.value().close());
    mode.close();
    module.close();
  }
}
