package dev.penstock.engine.train;

import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a run's configuration its numbers depend on, and what may differ when it goes on from a
 * checkpoint. All that is not named here decides: a new setting does until somebody says that it
 * does not. Pure Java.
 */
public final class ResumeRules {
  /**
   * What may differ: the layout changes the rounding alone, and the end of the run only where it
   * ends. Names of record components; all below one that is named may differ too.
   */
  public static final List<String> MAY_DIFFER =
      List.of(
          "parallel",
          "schedule",
          "steps",
          "batch.localBatchSize",
          "batch.microbatchSize",
          "optimizer.shardState",
          "compute.recompute",
          "lora.merge");

  private ResumeRules() {}

  /** Every setting that decides, by name, e.g. {@code optimizer.learningRate}. */
  public static Map<String, String> decisive(
      TrainingConfig config, @Nullable ValidationConfig validation) {
    Map<String, String> settings = new TreeMap<>();
    add("", config, true, settings);
    if (validation != null) {
      add("validation.", validation, true, settings);
    }
    return settings;
  }

  /** Every setting that may differ, by name. */
  public static Map<String, String> free(TrainingConfig config) {
    Map<String, String> settings = new TreeMap<>();
    add("", config, false, settings);
    return settings;
  }

  private static void add(
      String prefix, Record settings, boolean decisive, Map<String, String> result) {
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      String name = prefix + component.getName();
      Object value = value(component, settings);
      if (value instanceof Record nested && !MAY_DIFFER.contains(name)) {
        add(name + ".", nested, decisive, result);
      } else if (value instanceof Record nested && !decisive) {
        addAll(name + ".", nested, result);
      } else if (value != null && MAY_DIFFER.contains(name) != decisive) {
        result.put(name, value.toString());
      }
    }
  }

  private static void addAll(String prefix, Record settings, Map<String, String> result) {
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      Object value = value(component, settings);
      if (value instanceof Record nested) {
        addAll(prefix + component.getName() + ".", nested, result);
      } else if (value != null) {
        result.put(prefix + component.getName(), value.toString());
      }
    }
  }

  private static @Nullable Object value(RecordComponent component, Record settings) {
    try {
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // configurations are public records
    }
  }
}
