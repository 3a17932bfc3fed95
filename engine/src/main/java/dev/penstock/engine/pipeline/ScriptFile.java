package dev.penstock.engine.pipeline;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.torch.NativeMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.MethodOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Opens a TorchScript archive and sees that it can be a stage, before anything is computed. What is
 * wrong is told by the file's name, without the frames of native code: hence no causes are chained.
 */
final class ScriptFile {
  private static final String HOW_TO_SAVE =
      "Save the stage with torch.jit.script(module).save(path).";
  private static final String TENSOR = "Tensor";

  private ScriptFile() {}

  /**
   * Loads a module; the caller owns it.
   *
   * @throws ConfigException naming the file and what a stage must be
   */
  static JitModule load(String file) {
    Path path = Path.of(file);
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new ConfigException("There is no readable TorchScript file '%s'.".formatted(file));
    }
    checkArchive(path);
    try (PointerScope scope = new PointerScope()) {
      JitModule module = open(file);
      checkForward(file, module);
      return module.retainReference();
    }
  }

  private static JitModule open(String file) {
    try {
      return torch.load(file);
    } catch (RuntimeException e) {
      throw noScript(file, NativeMessage.of(e));
    }
  }

  /** Both kinds of archive are zip files; scripts alone have constants. */
  private static void checkArchive(Path file) {
    try (ZipFile archive = new ZipFile(file.toFile())) {
      List<String> names = archive.stream().map(ZipEntry::getName).toList();
      boolean pickled = names.stream().anyMatch(name -> name.endsWith("/data.pkl"));
      if (pickled && names.stream().noneMatch(name -> name.endsWith("/constants.pkl"))) {
        throw noScript(
            file.toString(),
            "it is what torch.save writes of a module or a state dict, Python objects that need Python to be read.");
      }
    } catch (IOException e) {
      throw noScript(file.toString(), e.getMessage() + ".");
    }
  }

  private static ConfigException noScript(String file, String why) {
    return new ConfigException(
        "'%s' is not a TorchScript module: %s %s".formatted(file, why, HOW_TO_SAVE));
  }

  private static void checkForward(String file, JitModule module) {
    MethodOptional forward = module.find_method("forward");
    if (!forward.has_value()) {
      throw noStage(file, "it has no method forward");
    }
    FunctionSchema schema = forward.get().function().getSchema();
    List<String> inputs = new ArrayList<>();
    Argument arguments = schema.arguments();
    // The first argument is the module itself.
    for (long i = 1; i < arguments.limit(); i++) {
      Argument argument = arguments.getPointer(i);
      if (!argument.default_value().has_value()) {
        inputs.add(type(argument) + " " + argument.name().getString());
      }
    }
    if (inputs.size() != 1 || !inputs.get(0).startsWith(TENSOR + " ")) {
      throw noStage(file, "its forward takes (%s)".formatted(String.join(", ", inputs)));
    }
    Argument results = schema.returns();
    if (results.limit() != 1 || !type(results.getPointer(0)).equals(TENSOR)) {
      throw noStage(file, "its forward returns " + type(results.getPointer(0)));
    }
  }

  private static String type(Argument argument) {
    return argument.type().get().annotation_str().getString();
  }

  private static ConfigException noStage(String file, String why) {
    return new ConfigException(
        "'%s' cannot be a stage: %s. The forward of a stage must take exactly one tensor, what the stage before it returns, and return exactly one tensor. Pack further values into that tensor, or compute them anew in each stage."
            .formatted(file, why));
  }
}
