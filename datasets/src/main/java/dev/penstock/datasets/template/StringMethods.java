package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Methods of strings. */
final class StringMethods {
  /** A method, with the string it is called on. */
  private interface Method {
    Object call(String text, Arguments arguments, Access access);
  }

  private static final Map<String, Method> METHODS =
      Map.ofEntries(
          Map.entry("strip", (s, a, x) -> Stripping.strip(s, a, true, true)),
          Map.entry("lstrip", (s, a, x) -> Stripping.strip(s, a, true, false)),
          Map.entry("rstrip", (s, a, x) -> Stripping.strip(s, a, false, true)),
          Map.entry("removeprefix", (s, a, x) -> Stripping.removePrefix(s, a)),
          Map.entry("removesuffix", (s, a, x) -> Stripping.removeSuffix(s, a)),
          Map.entry("split", (s, a, x) -> Splitting.split(s, a, x.budget())),
          Map.entry("rsplit", (s, a, x) -> Splitting.splitRight(s, a, x.budget())),
          Map.entry("splitlines", (s, a, x) -> Splitting.lines(s, a, x.budget())),
          Map.entry("partition", (s, a, x) -> Splitting.partition(s, a, false)),
          Map.entry("rpartition", (s, a, x) -> Splitting.partition(s, a, true)),
          Map.entry("startswith", (s, a, x) -> affix(s, a, true)),
          Map.entry("endswith", (s, a, x) -> affix(s, a, false)),
          Map.entry("find", (s, a, x) -> find(s, a, false, false)),
          Map.entry("rfind", (s, a, x) -> find(s, a, true, false)),
          Map.entry("index", (s, a, x) -> find(s, a, false, true)),
          Map.entry("rindex", (s, a, x) -> find(s, a, true, true)),
          Map.entry("count", StringMethods::count),
          Map.entry("replace", StringMethods::replace),
          Map.entry("join", StringMethods::join),
          Map.entry("upper", (s, a, x) -> s.toUpperCase(Locale.ROOT)),
          Map.entry("lower", (s, a, x) -> s.toLowerCase(Locale.ROOT)),
          Map.entry("casefold", (s, a, x) -> s.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT)),
          Map.entry("capitalize", (s, a, x) -> Casing.capitalize(s)),
          Map.entry("title", (s, a, x) -> Casing.title(s)),
          Map.entry("swapcase", (s, a, x) -> Casing.swap(s)),
          Map.entry("center", (s, a, x) -> Padding.pad(s, a, "center", x.budget())),
          Map.entry("ljust", (s, a, x) -> Padding.pad(s, a, "ljust", x.budget())),
          Map.entry("rjust", (s, a, x) -> Padding.pad(s, a, "rjust", x.budget())),
          Map.entry("zfill", (s, a, x) -> Padding.zeros(s, a, x.budget())),
          Map.entry("format", (s, a, x) -> new BraceFormat(x, x.text(), x.budget()).format(s, a)));

  private StringMethods() {}

  /** The method of a string; null: it has none of that name. */
  static @Nullable Callable find(String text, String name, Access access) {
    if (name.startsWith("is")) {
      access.budget().spend(text.length());
      return CharacterTests.find(text, name);
    }
    Method method = METHODS.get(name);
    if (method == null) {
      return null;
    }
    return arguments -> {
      access.budget().spend(text.length());
      return method.call(text, arguments, access);
    };
  }

  private static boolean affix(String text, Arguments arguments, boolean atBegin) {
    Arguments.Bound bound =
        arguments.bind(atBegin ? "startswith" : "endswith", 1, "affix", "start", "end");
    String part = range(text, bound, 1);
    List<Object> affixes =
        bound.value(0) instanceof Tuple tuple ? tuple.items() : List.of(bound.text(0));
    return affixes.stream()
        .map(Object::toString)
        .anyMatch(affix -> atBegin ? part.startsWith(affix) : part.endsWith(affix));
  }

  /** The part between the arguments start and end. */
  private static String range(String text, Arguments.Bound bound, int start) {
    if (!bound.has(start) && !bound.has(start + 1)) {
      return text;
    }
    int length = CodePoints.length(text);
    int from = place(bound.number(start, 0), length);
    int to = place(bound.number(start + 1, length), length);
    return from < to ? CodePoints.slice(text, from, to) : "";
  }

  private static int place(int index, int length) {
    return Math.max(0, Math.min(length, index < 0 ? index + length : index));
  }

  private static long find(String text, Arguments arguments, boolean last, boolean required) {
    Arguments.Bound bound = arguments.bind("find", 1, "sub", "start", "end");
    String part = range(text, bound, 1);
    int at = last ? part.lastIndexOf(bound.text(0)) : part.indexOf(bound.text(0));
    if (at < 0) {
      if (required) {
        throw new TemplateException("index: the substring is not found");
      }
      return -1;
    }
    long begin = place(bound.number(1, 0), CodePoints.length(text));
    return begin + part.codePointCount(0, at);
  }

  private static Object count(String text, Arguments arguments, Access access) {
    Arguments.Bound bound = arguments.bind("count", 1, "sub", "start", "end");
    String part = range(text, bound, 1);
    String sought = bound.text(0);
    if (sought.isEmpty()) {
      return CodePoints.length(part) + 1L;
    }
    long count = 0;
    for (int at = part.indexOf(sought); at >= 0; at = part.indexOf(sought, at + sought.length())) {
      count++;
    }
    return count;
  }

  private static Object replace(String text, Arguments arguments, Access access) {
    Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
    return Replacement.replace(
        text, bound.text(0), bound.text(1), bound.number(2, -1), access.budget());
  }

  private static Object join(String text, Arguments arguments, Access access) {
    List<String> parts = new ArrayList<>();
    for (Object item :
        new Iteration(access.budget()).items(arguments.bind("join", 1, "iterable").value(0))) {
      if (!(item instanceof String part)) {
        throw Types.notA("string, as join needs", item);
      }
      access.budget().spend((long) part.length() + text.length());
      parts.add(part);
    }
    return String.join(text, parts);
  }
}
