package dev.penstock.engine.model.family;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LoraOptions;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.AdapterSpec;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraSpec;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Finds what of a model itself is trained beside its adapters, as peft does. Pure Java. */
final class TrainedWeights {
  private static final String EMBEDDING_WEIGHT = DecoderTensors.EMBEDDING + ".weight";
  private static final String HEAD_WEIGHT = DecoderTensors.HEAD + ".weight";

  private final DecoderSpec spec;
  private final ModuleNames names;
  private final LoraConfig config;
  private final LoraOptions options;
  private final Map<String, AdapterSpec> adapters;

  /** Weights that are trained, by their own name, with peft's. */
  private final Map<String, String> trained = new TreeMap<>();

  TrainedWeights(
      DecoderSpec spec, ModuleNames names, LoraConfig config, Map<String, AdapterSpec> adapters) {
    this.spec = spec;
    this.names = names;
    this.config = config;
    this.adapters = adapters;
    options = config.options();
  }

  LoraSpec toSpec(long seed) {
    biases();
    modulesToSave();
    LoraSpec.Head head = head();
    tokens();
    checkMerge(head);
    return new LoraSpec(
        config.dropout(),
        seed,
        adapters,
        options.magnitudes(),
        trained,
        options.trainedTokens(),
        head);
  }

  private void biases() {
    for (String weight : names.weights()) {
      String module = weight.substring(0, weight.lastIndexOf('.'));
      boolean adapted = adapters.containsKey(module);
      boolean wanted =
          switch (options.bias()) {
            case NONE -> false;
            case LORA_ONLY -> adapted;
            case ALL -> true;
          };
      if (wanted && weight.endsWith(".bias")) {
        trained.put(weight, adapted ? LoraSpec.nameOfAdapted(weight) : LoraSpec.nameOf(weight));
      }
    }
  }

  /** Peft compares ends of names, at a dot or not: {@code norm} means every norm. */
  private void modulesToSave() {
    for (String module : names.all()) {
      if (options.modulesToSave().stream().anyMatch(module::endsWith)) {
        for (String weight : names.weightsIn(module)) {
          save(module, weight);
        }
      }
    }
  }

  private void save(String module, String weight) {
    String owner = weight.substring(0, weight.lastIndexOf('.'));
    if (names.kind(owner) == ModuleNames.Kind.MIXTURE) {
      throw new ConfigException(
          "'modules_to_save' %s mean experts or routers of a mixture (%s), which is not supported."
              .formatted(Quoted.plain(options.modulesToSave()), module));
    }
    if (adapters.containsKey(owner)) {
      throw new ConfigException(
          "'modules_to_save' %s and 'target_modules' (%s) both mean %s: a module is trained whole or has an adapter."
              .formatted(
                  Quoted.plain(options.modulesToSave()),
                  Quoted.plain(config.targetModules()),
                  owner));
    }
    trained.put(weight, LoraSpec.nameOf(weight));
  }

  private LoraSpec.Head head() {
    if (!spec.tiedEmbeddings()) {
      return LoraSpec.Head.OWN;
    }
    boolean saved = trained.containsKey(EMBEDDING_WEIGHT) || trained.containsKey(HEAD_WEIGHT);
    if (!options.ensureWeightTying()) {
      return LoraSpec.Head.TIED;
    }
    if (adapters.containsKey(DecoderTensors.EMBEDDING)
        || adapters.containsKey(DecoderTensors.HEAD)) {
      throw new ConfigException(
          "'ensure_weight_tying' with an adapter of the embedding or the head is not supported.");
    }
    if (!saved) {
      return LoraSpec.Head.TIED;
    }
    trained.remove(HEAD_WEIGHT);
    trained.put(EMBEDDING_WEIGHT, LoraSpec.nameOf(EMBEDDING_WEIGHT));
    return LoraSpec.Head.FOLLOWS;
  }

  private void tokens() {
    if (options.trainedTokens().isEmpty()) {
      return;
    }
    for (int token : options.trainedTokens()) {
      if (token < 0 || token >= spec.vocabSize()) {
        throw new ConfigException(
            String.format(
                Locale.ROOT,
                "'trainable_token_indices' have %d, but the model's tokens are 0 to %d.",
                token,
                spec.vocabSize() - 1));
      }
    }
    if (new HashSet<>(options.trainedTokens()).size() < options.trainedTokens().size()) {
      throw new ConfigException("'trainable_token_indices' have a token twice.");
    }
    if (adapters.containsKey(DecoderTensors.EMBEDDING)
        || trained.containsKey(EMBEDDING_WEIGHT)
        || (spec.tiedEmbeddings()
            && (adapters.containsKey(DecoderTensors.HEAD) || trained.containsKey(HEAD_WEIGHT)))) {
      throw new ConfigException(
          "'trainable_token_indices' with an adapter or 'modules_to_save' of the same embedding are not supported.");
    }
  }

  /** A tied model holds one weight for embedding and head, so they must be one. */
  private void checkMerge(LoraSpec.Head head) {
    boolean apart =
        head == LoraSpec.Head.TIED
            && (adapters.containsKey(DecoderTensors.EMBEDDING)
                || adapters.containsKey(DecoderTensors.HEAD)
                || trained.containsKey(EMBEDDING_WEIGHT)
                || trained.containsKey(HEAD_WEIGHT));
    if (config.merge() && apart) {
      throw new ConfigException(
          "Embedding and head of this model are one weight, of which the adapters change one only: they cannot be merged. Save them alone (loraMerge false).");
    }
  }
}
