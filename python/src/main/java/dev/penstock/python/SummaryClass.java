package dev.penstock.python;

import static dev.penstock.python.StageModule.wrapped;

import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The Python class of the summary, from the Java one's source: names, types and Javadoc. */
final class SummaryClass {
  private static final Pattern METHOD =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+(?:@Override\\s+)?public ([\\w<>\\[\\], ]+) (\\w+)\\(\\)",
          Pattern.DOTALL);

  private static final Set<String> NO_VALUES = Set.of("toJson", "reportHtml");

  /** Python's type, and how a value becomes one: JSON has NaN and infinity as strings. */
  private static final Map<String, String[]> TYPES =
      Map.of(
          "double[]", new String[] {"List[float]", "[float(x) for x in value]"},
          "long[]", new String[] {"List[int]", "list(value)"},
          "double", new String[] {"float", "float(value)"},
          "int", new String[] {"int", "int(value)"},
          "long", new String[] {"int", "int(value)"},
          "String", new String[] {"str", "str(value)"},
          "List<String>", new String[] {"List[str]", "list(value)"},
          "Map<String, Double>", new String[] {"Dict[str, float]", "dict(value)"},
          "Optional<String>", new String[] {"Optional[str]", "value"});

  private SummaryClass() {}

  static String source(String java) {
    return "class TrainingSummary(SummaryValues):\n"
        + "    \"\"\"What happened in a fit: one value a step, the stages, what became of"
        + " the rows.\"\"\"\n"
        + METHOD
            .matcher(java)
            .results()
            .filter(method -> !NO_VALUES.contains(method.group(3)))
            .map(SummaryClass::property)
            .collect(Collectors.joining());
  }

  private static String property(MatchResult method) {
    String[] type = TYPES.get(method.group(2));
    if (type == null) {
      throw new IllegalArgumentException("TrainingSummary has values of type " + method.group(2));
    }
    String doc =
        method.group(1).replaceAll("\\s*\\n\\s*\\*?", " ").replaceAll("\\{@code ([^}]*)}", "$1");
    return """

        @property
        def %s(self) -> %s:
            \"\"\"%s\"\"\"
            value = self._values["%1$s"]
            return %s
    """
        .formatted(method.group(3), type[0], wrapped(doc.strip(), "        "), type[1]);
  }
}
