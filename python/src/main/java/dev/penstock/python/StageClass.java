package dev.penstock.python;

import static dev.penstock.python.StageModule.literal;
import static dev.penstock.python.StageModule.wrapped;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The Python class of a stage: its Params with doc, converter, getter and setter, and a constructor
 * that takes them by keyword.
 *
 * @param stage the Java twin
 * @param base the Python class written by hand that it extends
 * @param isModel whether it is made from a Java model, and not by keyword
 */
record StageClass(Params stage, String base, boolean isModel) {
  private static final Map<Class<?>, Type> TYPES =
      Map.of(
          IntParam.class, new Type("int", "toInt"),
          LongParam.class, new Type("int", "toLong"),
          DoubleParam.class, new Type("float", "toFloat"),
          BooleanParam.class, new Type("bool", "toBoolean"),
          StringArrayParam.class, new Type("List[str]", "toListString"),
          Param.class, new Type("str", "toString"));

  /** How Python spells a type, and what converts to it. */
  private record Type(String name, String converter) {}

  String source() {
    List<Param<?>> params = Arrays.asList(stage.params());
    String name = stage.getClass().getSimpleName();
    return """
    class %s(%s):
        \"\"\"Python's side of the Java class of this name; see explainParams().\"\"\"

    %s
    %s
    %s\
    """
        .formatted(
            name,
            base,
            params.stream().map(this::declaration).collect(Collectors.joining()),
            isModel ? modelConstructor(params) : constructor(params),
            params.stream().map(param -> accessors(param, name)).collect(Collectors.joining("\n")));
  }

  private static Type type(Param<?> param) {
    Type type = TYPES.get(param.getClass());
    if (type == null) {
      throw new IllegalArgumentException(param.name() + " is a " + param.getClass().getName());
    }
    return type;
  }

  private String declaration(Param<?> param) {
    Type type = type(param);
    return """
        %1$s: Param[%2$s] = Param(
            Params._dummy(),
            "%1$s",
            %3$s,
            typeConverter=%4$s,
        )
    """
        .formatted(param.name(), type.name(), literal(param.doc()), type.converter());
  }

  private String constructor(List<Param<?>> params) {
    String keywords =
        params.stream()
            .map(
                param ->
                    "        %s: Optional[%s] = None,\n"
                        .formatted(param.name(), type(param).name()))
            .collect(Collectors.joining());
    String given =
        params.stream()
            .map(param -> "            %1$s=%1$s,\n".formatted(param.name()))
            .collect(Collectors.joining());
    return """
        def __init__(
            self,
            *,
    %s    ) -> None:
            super().__init__()
    %s        self._set(
    %s        )
    """
        .formatted(keywords, defaults(params), given);
  }

  private String modelConstructor(List<Param<?>> params) {
    return """
        def __init__(self, java_model: Any = None) -> None:
            super().__init__(java_model)
    %s\
    """
        .formatted(defaults(params));
  }

  private String defaults(List<Param<?>> params) {
    return "        self._setDefault(\n"
        + params.stream()
            .filter(stage::hasDefault)
            .map(param -> "            %s=%s,\n".formatted(param.name(), pythonDefault(param)))
            .collect(Collectors.joining())
        + "        )\n";
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // a Param of whatever type
  private String pythonDefault(Param param) {
    Object value = stage.getDefault(param).get();
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    return value instanceof String text ? literal(text) : value.toString();
  }

  private static String accessors(Param<?> param, String owner) {
    String name = param.name();
    String cased = name.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + name.substring(1);
    return """
        def get%1$s(self) -> %3$s:
            \"\"\"%5$s\"\"\"
            value: %3$s = self.getOrDefault(self.%2$s)
            return value

        def set%1$s(self, value: %3$s) -> "%4$s":
            \"\"\"%5$s\"\"\"
            self._set(%2$s=value)
            return self
    """
        .formatted(cased, name, type(param).name(), owner, wrapped(param.doc(), "        "));
  }
}
