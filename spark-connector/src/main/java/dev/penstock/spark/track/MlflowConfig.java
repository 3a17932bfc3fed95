package dev.penstock.spark.track;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a fit is tracked.
 *
 * @param trackingUri the server
 * @param experiment name of the experiment
 * @param runName null: the fit's own name
 * @param tags of the run
 * @param logModel whether the model's files become artifacts of the run
 */
public record MlflowConfig(
    String trackingUri,
    String experiment,
    @Nullable String runName,
    Map<String, String> tags,
    boolean logModel) {
  public MlflowConfig {
    tags = Map.copyOf(tags);
    MlflowServer.of(trackingUri, System::getenv);
  }

  /**
   * Reads tags.
   *
   * @param tags each {@code name=value}
   * @throws ConfigException if one has no name
   */
  public static Map<String, String> tags(List<String> tags) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String tag : tags) {
      int equals = tag.indexOf('=');
      if (equals < 1) {
        throw new ConfigException(
            "mlflowTags has %s, but a tag is written name=value.".formatted(Quoted.plain(tag)));
      }
      byName.put(tag.substring(0, equals), tag.substring(equals + 1));
    }
    return byName;
  }
}
