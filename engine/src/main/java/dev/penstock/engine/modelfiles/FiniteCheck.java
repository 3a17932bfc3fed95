package dev.penstock.engine.modelfiles;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Finds numbers that are NaN or infinite, piece by piece, and names their parameters all at once.
 * Used by one thread.
 */
final class FiniteCheck {
  private final Map<String, Long> counts = new LinkedHashMap<>();

  /**
   * Looks at a piece of a parameter. It is read once; only if something is wrong, it is counted.
   *
   * @param values not empty
   */
  void add(String parameter, Tensor values) {
    // Both keep a NaN, and need no memory.
    if (isFinite(values.min()) && isFinite(values.max())) {
      return;
    }
    long count = values.numel() - torch.isfinite(values).sum().item_long();
    counts.merge(parameter, count, Long::sum);
  }

  private static boolean isFinite(Tensor number) {
    return Double.isFinite(number.item_double());
  }

  /**
   * Throws if something was found.
   *
   * @param problem a sentence with a place for the parameters
   */
  void throwIfAny(String problem) {
    if (!counts.isEmpty()) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              problem,
              Quoted.list(
                  counts.entrySet().stream()
                      .map(
                          found ->
                              String.format(
                                  Locale.ROOT, "%s (%d)", found.getKey(), found.getValue()))
                      .toList())));
    }
  }
}
