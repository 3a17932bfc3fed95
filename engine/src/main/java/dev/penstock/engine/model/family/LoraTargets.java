package dev.penstock.engine.model.family;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LoraOptions;
import dev.penstock.engine.config.ModuleSelection;
import dev.penstock.engine.config.PythonPattern;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.AdapterSpec;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LoraSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Finds the modules of a model that {@link LoraConfig} means. Pure Java. */
public final class LoraTargets {
  private final DecoderSpec spec;
  private final LoraConfig config;
  private final ModuleNames names;

  private LoraTargets(DecoderSpec spec, LoraConfig config) {
    this.spec = spec;
    this.config = config;
    names = new ModuleNames(spec);
  }

  /**
   * The adapters of a model.
   *
   * @param seed of the dropout
   * @throws ConfigException if no module is meant, or one that cannot be adapted
   */
  public static LoraSpec resolve(DecoderSpec spec, LoraConfig config, long seed) {
    return new LoraTargets(spec, config).resolve(seed);
  }

  private LoraSpec resolve(long seed) {
    Set<String> chosen =
        config.targetModules().kind() == ModuleSelection.Kind.PATTERNS
            ? chosenByUser()
            : chosenByFile();
    LoraOptions options = config.options();
    ModuleValues<Integer> ranks = new ModuleValues<>(options.ranks(), config.rank());
    ModuleValues<Double> alphas = new ModuleValues<>(options.alphas(), config.alpha());
    Map<String, AdapterSpec> adapters = new TreeMap<>();
    for (String module : chosen) {
      int rank = ranks.of(module);
      adapters.put(module, new AdapterSpec(rank, options.scale(alphas.of(module), rank)));
    }
    return new TrainedWeights(spec, names, config, adapters).toSpec(seed);
  }

  /** As the reference has it: each text must mean something. */
  private Set<String> chosenByUser() {
    Set<String> chosen = new LinkedHashSet<>();
    for (String target : config.targetModules().texts()) {
      chosen.addAll(matching(target));
    }
    for (String excluded : config.excludeModules().texts()) {
      chosen.removeAll(matching(excluded));
    }
    if (chosen.isEmpty()) {
      throw new ConfigException(
          "No module is left for LoRA: excludeModules %s take all that targetModules %s mean."
              .formatted(
                  Quoted.plain(config.excludeModules()), Quoted.plain(config.targetModules())));
    }
    return chosen;
  }

  private List<String> matching(String text) {
    Predicate<String> wanted =
        text.equals(LoraConfig.ALL_LINEAR)
            ? module -> names.kind(module) == ModuleNames.Kind.LINEAR
            : ModuleSelection.ofPatterns(List.of(text)).toPredicate();
    List<String> modules = names.all().stream().filter(this::isForUsers).filter(wanted).toList();
    if (modules.isEmpty()) {
      boolean mixtures =
          names.all().stream()
              .anyMatch(m -> names.kind(m) == ModuleNames.Kind.MIXTURE && wanted.test(m));
      throw new ConfigException(
          "'%s' means %s. Use names or patterns of %s, or %s."
              .formatted(
                  Quoted.plain(text),
                  mixtures
                      ? "experts or routers of a mixture, which LoRA is not supported for"
                      : "no linear module of this model",
                  names.ends(),
                  LoraConfig.ALL_LINEAR));
    }
    return modules;
  }

  /** A user's patterns mean linear modules, and the head where it has a weight of its own. */
  private boolean isForUsers(String module) {
    return switch (names.kind(module)) {
      case LINEAR -> true;
      case HEAD -> !spec.tiedEmbeddings();
      default -> false;
    };
  }

  /** As peft has it: names that the model lacks are passed over if it has another. */
  private Set<String> chosenByFile() {
    ModuleSelection targets = config.targetModules();
    Predicate<String> wanted = wanted(targets);
    Predicate<String> excluded = config.excludeModules().toPredicate().or(saved());
    Set<String> chosen = new LinkedHashSet<>();
    for (String module : names.all()) {
      if (!excluded.test(module) && wanted.test(module)) {
        chosen.add(checked(module));
      }
    }
    if (chosen.isEmpty()) {
      checkLayers(targets, excluded);
      throw new ConfigException(
          "'target_modules' (%s) mean no module of this model that is not excluded. It has %s. Use the model that the adapters were made for."
              .formatted(Quoted.plain(targets), names.ends()));
    }
    return chosen;
  }

  /** Names the layers, if it is for them that no module is left. */
  private void checkLayers(ModuleSelection targets, Predicate<String> excluded) {
    LoraOptions options = config.options();
    Predicate<String> inAnyLayer = targets.toPredicate().and(excluded.negate());
    if (!options.layers().isEmpty() && names.all().stream().anyMatch(inAnyLayer)) {
      List<String> layers = options.layers().stream().map(String::valueOf).toList();
      throw new ConfigException(
          "'layers_to_transform' (%s)%s mean no layer of this model that has such modules. It has the layers 0 to %s. Use the model that the adapters were made for."
              .formatted(
                  Quoted.list(layers),
                  options.layersPatterns().isEmpty()
                      ? ""
                      : " and 'layers_pattern' (%s)"
                          .formatted(Quoted.list(options.layersPatterns())),
                  spec.numLayers() - 1));
    }
  }

  private Predicate<String> wanted(ModuleSelection targets) {
    if (targets.isAllLinear()) {
      return module -> names.kind(module) == ModuleNames.Kind.LINEAR;
    }
    LoraOptions options = config.options();
    LayerSelection layers = new LayerSelection(options.layers(), options.layersPatterns());
    Predicate<String> named = targets.toPredicate();
    return targets.kind() == ModuleSelection.Kind.REGEX
        ? named
        : module -> targets.texts().contains(module) || (named.test(module) && layers.test(module));
  }

  /** The modules that are trained whole, and those in them, get no adapters. */
  private Predicate<String> saved() {
    return config.options().modulesToSave().stream()
        .map(text -> PythonPattern.parse("(^|.*\\.)" + text + "($|\\..*)"))
        .map(pattern -> (Predicate<String>) pattern::matches)
        .reduce(module -> false, Predicate::or);
  }

  private String checked(String module) {
    String reason =
        switch (names.kind(module)) {
          case LINEAR, HEAD -> "";
          case EMBEDDING ->
              config.options().magnitudes()
                  ? "an embedding, whose rows have no magnitudes (use_dora) here"
                  : "";
          case MIXTURE -> "an expert or router of a mixture, which LoRA is not supported for";
          case OTHER -> "neither a linear module nor an embedding; peft has no adapter for it";
        };
    if (!reason.isEmpty()) {
      throw new ConfigException(
          "'target_modules' (%s) mean %s, which is %s. %s"
              .formatted(
                  Quoted.plain(config.targetModules()),
                  module,
                  reason,
                  "Merge the adapters in peft with merge_and_unload, and use that model."));
    }
    return module;
  }
}
