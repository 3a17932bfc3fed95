package dev.penstock.engine.train;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.ModulePattern;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.TensorShape;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Finds the modules of a model that {@link LoraConfig} means. Pure Java. */
final class LoraTargets {
  private static final String WEIGHT = ".weight";

  private LoraTargets() {}

  /**
   * The adapters of a model.
   *
   * @param seed of the dropout
   * @throws ConfigException if a pattern means no module
   */
  static LoraSpec resolve(DecoderSpec spec, LoraConfig config, long seed) {
    List<String> linear = linearModules(spec);
    Set<String> chosen = new LinkedHashSet<>();
    for (String target : config.targetModules()) {
      chosen.addAll(matching(target, linear));
    }
    for (String excluded : config.excludeModules()) {
      chosen.removeAll(matching(excluded, linear));
    }
    if (chosen.isEmpty()) {
      throw new ConfigException(
          "No module is left for LoRA: excludeModules %s take all that targetModules %s mean."
              .formatted(config.excludeModules(), config.targetModules()));
    }
    return new LoraSpec(config.rank(), config.scale(), config.dropout(), seed, chosen);
  }

  /**
   * Every linear module with a weight of its own. The experts of a mixture are none: transformers
   * keeps them as one tensor, which peft has no module for.
   */
  private static List<String> linearModules(DecoderSpec spec) {
    DecoderTensors tensors = new DecoderTensors(spec);
    Set<String> fused = tensors.fused().keySet();
    List<String> modules = new ArrayList<>();
    for (int layer = 0; layer < spec.numLayers(); layer++) {
      for (TensorShape weight : tensors.of(DecoderTensors.layerName(layer))) {
        if (weight.shape().size() == 2 && !fused.contains(weight.name())) {
          modules.add(weight.name().substring(0, weight.name().length() - WEIGHT.length()));
        }
      }
    }
    if (!spec.tiedEmbeddings()) {
      modules.add(DecoderTensors.HEAD);
    }
    return modules;
  }

  private static List<String> matching(String text, List<String> linear) {
    Predicate<String> wanted =
        text.equals(LoraConfig.ALL_LINEAR)
            ? module -> !module.equals(DecoderTensors.HEAD)
            : new ModulePattern(text);
    List<String> modules = linear.stream().filter(wanted).toList();
    if (modules.isEmpty()) {
      Set<String> known = new TreeSet<>();
      linear.forEach(module -> known.add(module.substring(module.lastIndexOf('.') + 1)));
      throw new ConfigException(
          "'%s' means no linear module of this model. Use names or patterns of %s, or %s."
              .formatted(text, known, LoraConfig.ALL_LINEAR));
    }
    return modules;
  }
}
