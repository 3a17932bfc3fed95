package dev.penstock.engine.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.checkpoint.AdapterFolder;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the {@code adapter_config.json} of a reference. */
final class PeftConfig {
  private PeftConfig() {}

  static LoraConfig read(Path folder) throws IOException {
    JsonNode json =
        new ObjectMapper().readTree(Files.readAllBytes(folder.resolve(AdapterFolder.CONFIG)));
    for (String variant : List.of("use_dora", "use_rslora")) {
      if (json.path(variant).asBoolean()) {
        throw new ConfigException(
            "%s has '%s', which is not supported.".formatted(folder, variant));
      }
    }
    return new LoraConfig(
        json.path("r").asInt(),
        json.path("lora_alpha").asDouble(),
        json.path("lora_dropout").asDouble(),
        names(json.path("target_modules")),
        names(json.path("exclude_modules")),
        false);
  }

  /** A list of names, or one pattern. */
  private static List<String> names(JsonNode json) {
    List<String> names = new ArrayList<>();
    if (json.isTextual()) {
      names.add(json.asText());
    }
    json.forEach(name -> names.add(name.asText()));
    return names;
  }
}
