package dev.penstock.datasets.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as the values that Python makes of it. */
final class JsonValues {
  private JsonValues() {}

  static Object of(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT -> {
        Map<Object, Object> map = new LinkedHashMap<>();
        json.properties().forEach(entry -> map.put(entry.getKey(), of(entry.getValue())));
        yield map;
      }
      case ARRAY -> {
        List<Object> list = new ArrayList<>();
        json.forEach(item -> list.add(of(item)));
        yield list;
      }
      case STRING -> json.textValue();
      case BOOLEAN -> json.booleanValue();
      case NUMBER -> number(json);
      default -> None.NONE;
    };
  }

  private static Object number(JsonNode json) {
    if (!json.isIntegralNumber()) {
      return json.doubleValue();
    }
    return json.canConvertToLong() ? (Object) json.longValue() : json.bigIntegerValue();
  }
}
