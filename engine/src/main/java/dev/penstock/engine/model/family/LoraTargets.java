package dev.penstock.engine.model.family;

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
public final class LoraTargets {
  private static final String WEIGHT = ".weight";

  /** Every linear module with a weight of its own. */
  private final List<String> linear = new ArrayList<>();

  /**
   * The experts and routers of mixtures. They get no adapters: transformers keeps the experts of a
   * layer as one tensor, which peft has no module for.
   */
  private final List<String> mixtures = new ArrayList<>();

  private LoraTargets(DecoderSpec spec) {
    DecoderTensors tensors = new DecoderTensors(spec);
    Set<String> fused = tensors.fused().keySet();
    for (int layer = 0; layer < spec.numLayers(); layer++) {
      for (TensorShape weight : tensors.of(DecoderTensors.layerName(layer))) {
        if (weight.shape().size() == 2) {
          String name = weight.name();
          List<String> kind = fused.contains(name) ? mixtures : linear;
          kind.add(name.substring(0, name.length() - WEIGHT.length()));
        }
      }
    }
    if (!spec.tiedEmbeddings()) {
      linear.add(DecoderTensors.HEAD);
    }
  }

  /**
   * The adapters of a model.
   *
   * @param seed of the dropout
   * @throws ConfigException if a pattern means no module
   */
  public static LoraSpec resolve(DecoderSpec spec, LoraConfig config, long seed) {
    LoraTargets targets = new LoraTargets(spec);
    Set<String> chosen = new LinkedHashSet<>();
    for (String target : config.targetModules()) {
      chosen.addAll(targets.matching(target));
    }
    for (String excluded : config.excludeModules()) {
      chosen.removeAll(targets.matching(excluded));
    }
    if (chosen.isEmpty()) {
      throw new ConfigException(
          "No module is left for LoRA: excludeModules %s take all that targetModules %s mean."
              .formatted(config.excludeModules(), config.targetModules()));
    }
    return new LoraSpec(config.rank(), config.scale(), config.dropout(), seed, chosen);
  }

  private List<String> matching(String text) {
    Predicate<String> wanted =
        text.equals(LoraConfig.ALL_LINEAR)
            ? module -> !module.equals(DecoderTensors.HEAD)
            : new ModulePattern(text);
    List<String> modules = linear.stream().filter(wanted).toList();
    if (modules.isEmpty()) {
      throw new ConfigException(
          "'%s' means %s. Use names or patterns of %s, or %s."
              .formatted(
                  text,
                  mixtures.stream().anyMatch(wanted)
                      ? "experts or routers of a mixture, which LoRA is not supported for"
                      : "no linear module of this model",
                  names(),
                  LoraConfig.ALL_LINEAR));
    }
    return modules;
  }

  /** What a user may call the modules: their names without the layers'. */
  private Set<String> names() {
    Set<String> names = new TreeSet<>();
    linear.forEach(module -> names.add(module.substring(module.lastIndexOf('.') + 1)));
    return names;
  }
}
