package dev.penstock.engine.model.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** Which values of a config say that there is no such thing. */
final class OffValues {
  /** Names of factors, which change nothing if they are 1. */
  private static final Pattern FACTOR =
      Pattern.compile("multipl|scal(e|ing|ar)|factor|temperature|gain|ratio|mult$|_tp$|pct$");

  private OffValues() {}

  /**
   * Whether a key says nothing: it is absent, null, false, 0, a factor of 1, no finite number (so
   * no bound), an empty text or none, or a list or object of nothing else.
   */
  static boolean isOff(String key, JsonNode value) {
    if (value.isObject()) {
      return value.properties().stream().allMatch(field -> isOff(field.getKey(), field.getValue()));
    }
    if (value.isArray()) {
      // A whole number in a list counts layers, heads or tokens, and the first is number 0.
      return StreamSupport.stream(value.spliterator(), false)
          .allMatch(e -> isOff(key, e) && !e.isIntegralNumber());
    }
    return switch (value.getNodeType()) {
      case MISSING, NULL -> true;
      case BOOLEAN -> !value.booleanValue();
      case STRING -> value.textValue().isEmpty() || value.textValue().equalsIgnoreCase("none");
      case NUMBER -> isOff(key, value.doubleValue());
      default -> false;
    };
  }

  private static boolean isOff(String key, double value) {
    return value == 0 || !Double.isFinite(value) || (value == 1 && FACTOR.matcher(key).find());
  }
}
