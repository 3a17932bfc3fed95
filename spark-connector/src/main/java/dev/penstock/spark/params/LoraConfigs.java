package dev.penstock.spark.params;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.ModuleSelection;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.family.LoraTargets;
import dev.penstock.engine.model.family.ModelFamilies;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Params of the adapters to the engine's record. */
final class LoraConfigs {
  private static final LoraConfig DEFAULTS = LoraConfig.of(LoraConfig.ALL_LINEAR);

  private final TrainerParams<?> params;

  private LoraConfigs(TrainerParams<?> params) {
    this.params = params;
  }

  /**
   * The adapters to train; null: the whole model is trained.
   *
   * @throws ConfigException if the Params say nothing without loraTargetModules, or do not agree
   *     with the adapters that the training starts from
   */
  static @Nullable LoraConfig lora(TrainerParams<?> params, RunFacts facts) {
    LoraConfigs configs = new LoraConfigs(params);
    LoraConfig start = facts.adapters();
    if (start == null && !params.isDefined(params.loraTargetModules())) {
      if (facts.modelIsRead()) {
        configs.refuseUnused();
      }
      return null;
    }
    LoraConfig lora = configs.wanted(start == null ? DEFAULTS : start);
    if (start != null) {
      configs.refuseOthers(start, lora, ModelFamilies.parse(facts.modelConfigJson()));
    }
    if (!lora.merge()) {
      configs.checkSavedAlone();
    }
    return lora;
  }

  private LoraConfig wanted(LoraConfig defaults) {
    return new LoraConfig(
        params.<Integer>valueIfAny(TrainerOption.LORA_RANK).orElse(defaults.rank()),
        params.<Double>valueIfAny(TrainerOption.LORA_ALPHA).orElse(defaults.alpha()),
        params.<Double>valueIfAny(TrainerOption.LORA_DROPOUT).orElse(defaults.dropout()),
        modules(TrainerOption.LORA_TARGET_MODULES).orElse(defaults.targetModules()),
        modules(TrainerOption.LORA_EXCLUDE_MODULES).orElse(defaults.excludeModules()),
        params.getLoraMerge(),
        defaults.options());
  }

  private Optional<ModuleSelection> modules(TrainerOption option) {
    return params.<String[]>valueIfAny(option).map(List::of).map(ModuleSelection::ofPatterns);
  }

  private void refuseUnused() {
    List<String> unused =
        List.of(
                params.loraExcludeModules(),
                params.loraRank(),
                params.loraAlpha(),
                params.loraDropout(),
                params.loraMerge())
            .stream()
            .filter(params::isSet)
            .map(param -> param.name())
            .toList();
    if (!unused.isEmpty()) {
      throw new ConfigException(
          "%s set, but no adapters are trained: set loraTargetModules, to names such as q_proj or to %s, or clear the others."
              .formatted(
                  String.join(", ", unused) + (unused.size() == 1 ? " is" : " are"),
                  LoraConfig.ALL_LINEAR));
    }
  }

  /** Dropout and merging may change from run to run; the rest is what the adapters are. */
  private void refuseOthers(LoraConfig start, LoraConfig wanted, DecoderSpec spec) {
    List<String> others = new ArrayList<>();
    if (wanted.rank() != start.rank()) {
      others.add(
          String.format(
              Locale.ROOT, "loraRank is %d, but theirs is %d", wanted.rank(), start.rank()));
    }
    if (wanted.alpha() != start.alpha()) {
      others.add("loraAlpha is %s, but theirs is %s".formatted(wanted.alpha(), start.alpha()));
    }
    if (!modules(spec, wanted).equals(modules(spec, start))) {
      others.add(
          "loraTargetModules %s and loraExcludeModules %s mean other modules than their %s and %s"
              .formatted(
                  Quoted.plain(wanted.targetModules().toString()),
                  Quoted.plain(wanted.excludeModules().toString()),
                  Quoted.plain(start.targetModules().toString()),
                  Quoted.plain(start.excludeModules().toString())));
    }
    if (!others.isEmpty()) {
      throw new ConfigException(
          "modelPath holds adapters, and these Params mean others:\n- %s\nClear them to go on with those adapters, or set modelPath to the model to train new ones."
              .formatted(String.join("\n- ", others)));
    }
  }

  private static Set<String> modules(DecoderSpec spec, LoraConfig lora) {
    return LoraTargets.resolve(spec, lora, 0).modules();
  }

  private void checkSavedAlone() {
    if (!params.isDefined(params.modelPath())) {
      throw new ConfigException(
          "Adapters alone are of no use without the model that they adapt, and that of modelConfig is not kept: set modelPath, or loraMerge.");
    }
    if (params.isSet(params.maxShardBytes())) {
      throw new ConfigException(
          "maxShardBytes is set, but adapters are saved as one file, as peft reads them: clear it, or set loraMerge.");
    }
  }
}
