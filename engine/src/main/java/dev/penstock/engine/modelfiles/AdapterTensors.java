package dev.penstock.engine.modelfiles;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.safetensors.ModelWeights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The tensors of a file of adapters by the names that peft writes today. Peft reads these others
 * too: with the adapter's name in them, as in {@code lora_A.default.weight}, as they are in a state
 * dict; and magnitudes with {@code .weight} behind.
 */
final class AdapterTensors {
  private static final Pattern ADAPTER_NAME =
      Pattern.compile(
          "\\.(lora_[AB]|lora_embedding_[AB]|lora_magnitude_vector|modules_to_save|trainable_tokens_delta)\\.default(?=\\.|$)");
  private static final String WRAPPED = ".modules_to_save.";
  private static final String MAGNITUDE = ".lora_magnitude_vector";

  private final Map<String, String> stored = new LinkedHashMap<>();

  AdapterTensors(ModelWeights weights) {
    for (String name : weights.names()) {
      String twin = stored.put(today(name), name);
      if (twin != null) {
        throw new ConfigException(
            "The adapters' file has %s and %s, which are names of one tensor."
                .formatted(Quoted.plain(twin), Quoted.plain(name)));
      }
    }
  }

  private static String today(String name) {
    String plain = ADAPTER_NAME.matcher(name).replaceFirst(".$1").replace(WRAPPED, ".");
    return plain.endsWith(MAGNITUDE + ".weight")
        ? plain.substring(0, plain.length() - ".weight".length())
        : plain;
  }

  Set<String> names() {
    return stored.keySet();
  }

  boolean contains(String name) {
    return stored.containsKey(name);
  }

  /** What a tensor is called in the file. */
  String stored(String name) {
    return stored.get(name);
  }
}
