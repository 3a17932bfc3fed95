package dev.penstock.engine.pipeline;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.WeightGradientStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * A stage saved from Python by {@code torch.jit.script(module).save(file)}, whose {@code forward}
 * takes one tensor and returns one. Autograd computes all its gradients in I; W does nothing.
 */
public final class TorchScriptStage implements StageModule {
  private final String file;
  private final JitModule module;
  private final List<Parameter> parameters = new ArrayList<>();

  private TorchScriptStage(String file, JitModule module) {
    this.file = file;
    this.module = module;
  }

  /**
   * Loads a stage.
   *
   * @param file local path of a TorchScript archive
   * @param prefix set before the parameters' names, so that they are unique in the model
   * @throws ConfigException if there is no such file or it is not TorchScript
   */
  public static TorchScriptStage load(String file, String prefix) {
    if (!Files.isReadable(Path.of(file))) {
      throw new ConfigException("There is no readable TorchScript file '%s'.".formatted(file));
    }
    try (PointerScope scope = new PointerScope()) {
      JitModule module = torch.load(file);
      TorchScriptStage stage = new TorchScriptStage(file, module.retainReference());
      named_parameter_list named = module.named_parameters();
      named_parameter_iterator at = named.begin();
      for (long i = named.size(); i > 0; i--) {
        NamedTensor entry = at.access();
        stage.parameters.add(
            Parameter.ofLeaf(
                prefix + "." + entry.name().getString(),
                new Tensor(entry.value()).retainReference()));
        at.increment();
      }
      return stage;
    } catch (RuntimeException e) {
      throw new ConfigException(
          "'%s' is not a TorchScript module: %s Save the stage with torch.jit.script(module).save(path)."
              .formatted(file, firstLine(e)),
          e);
    }
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
    IValue output = module.forward(new IValueVector(new IValue(input)));
    if (!output.isTensor()) {
      throw new IllegalStateException(
          "forward of '%s' returned no tensor. A stage must return exactly one.".formatted(file));
    }
    // toTensor() is a reference into the IValue, which does not outlive the scope.
    return new Tensor(output.toTensor());
  }

  @Override
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  /** Runs the module on zeros: a script does not tell its shapes otherwise. */
  @Override
  public long[] outputShape(long[] inputShape) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor zeros = torch.zeros(inputShape, new TensorOptions(inputType()));
      return dev.penstock.engine.torch.HostTensors.shape(forward(zeros, null));
    }
  }

  private ScalarType inputType() {
    return parameters.isEmpty() ? ScalarType.Float : parameters.get(0).value().scalar_type();
  }

  @Override
  public void close() {
    parameters.forEach(parameter -> parameter.value().close());
    parameters.clear();
    module.close();
  }
}
