package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Filters.Filter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Filters of text. */
final class TextFilters {
  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  static final Map<String, Filter> BY_NAME =
      Map.ofEntries(
          Map.entry("trim", (v, a, all) -> Stripping.strip(all.text(v), a, true, true)),
          Map.entry("upper", (v, a, all) -> all.text(v).toUpperCase(Locale.ROOT)),
          Map.entry("lower", (v, a, all) -> all.text(v).toLowerCase(Locale.ROOT)),
          Map.entry("capitalize", (v, a, all) -> Casing.capitalize(all.text(v))),
          Map.entry("title", (v, a, all) -> Casing.words(all.text(v))),
          Map.entry("string", (v, a, all) -> all.text(v)),
          Map.entry("safe", (v, a, all) -> new Markup(all.text(v))),
          Map.entry("escape", (v, a, all) -> escape(all.text(v))),
          Map.entry("e", (v, a, all) -> escape(all.text(v))),
          Map.entry("forceescape", (v, a, all) -> escape(all.text(v))),
          Map.entry("replace", TextFilters::replace),
          Map.entry("indent", TextFilters::indent),
          Map.entry("truncate", TextFilters::truncate),
          Map.entry("center", TextFilters::center),
          Map.entry("format", TextFilters::format),
          Map.entry("wordcount", (v, a, all) -> WORD.matcher(all.text(v)).results().count()),
          Map.entry("tojson", TextFilters::toJson));

  private TextFilters() {}

  private static Object escape(String text) {
    return new Markup(Markup.escape(text));
  }

  private static Object replace(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
    return Replacement.replace(
        all.text(value),
        all.text(bound.value(0)),
        all.text(bound.value(1)),
        bound.number(2, -1),
        all.budget());
  }

  private static Object indent(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("indent", 0, "width", "first", "blank");
    String indentation;
    if (bound.value(0, 0L) instanceof String text) {
      indentation = text;
    } else {
      int width = Math.max(0, bound.number(0, 4));
      all.budget().spend(width);
      indentation = " ".repeat(width);
    }
    List<Object> lines = Splitting.lines(all.text(value) + "\n", Arguments.NONE, all.budget());
    boolean blank = bound.flag(2, false);
    all.budget().spend((long) lines.size() * indentation.length());
    String rest =
        lines.stream()
            .skip(1)
            .map(Object::toString)
            .map(line -> "\n" + (blank || !line.isEmpty() ? indentation : "") + line)
            .collect(Collectors.joining());
    return (bound.flag(1, false) ? indentation : "") + lines.get(0) + rest;
  }

  private static Object truncate(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
    String text = all.text(value);
    String end = bound.text(2, "...");
    int length = bound.number(0, 255);
    if (CodePoints.length(text) <= (long) length + bound.number(3, 5)) {
      return text;
    }
    int kept = length - CodePoints.length(end);
    if (kept < 0) {
      throw new TemplateException("truncate: the length is less than that of '" + end + "'");
    }
    String begin = CodePoints.slice(text, 0, kept);
    int space = begin.lastIndexOf(' ');
    return (bound.flag(1, false) || space < 0 ? begin : begin.substring(0, space)) + end;
  }

  private static Object center(Object value, Arguments arguments, Filters all) {
    int width = arguments.bind("center", 0, "width").number(0, 80);
    return Padding.pad(all.text(value), Arguments.of((long) width), "center", all.budget());
  }

  private static Object format(Object value, Arguments arguments, Filters all) {
    if (!arguments.named().isEmpty() && !arguments.positional().isEmpty()) {
      throw new TemplateException("format takes values or names, not both");
    }
    Object values =
        arguments.named().isEmpty() ? new Tuple(arguments.positional()) : arguments.named();
    return all.evaluator().arithmetic().apply("%", all.text(value), values);
  }

  private static Object toJson(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound =
        arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
    String indent = null;
    if (bound.has(1)) {
      int width = bound.value(1) instanceof String ? 0 : Math.max(0, bound.number(1, 0));
      all.budget().spend(width);
      indent = bound.value(1) instanceof String text ? text : " ".repeat(width);
    }
    String between = indent == null ? ", " : ",";
    String behindKey = ": ";
    if (bound.has(2)) {
      List<Object> separators = all.evaluator().items(bound.value(2));
      if (separators.size() != 2) {
        throw new TemplateException("tojson: there are two separators");
      }
      between = all.text(separators.get(0));
      behindKey = all.text(separators.get(1));
    }
    return new JsonText(bound.flag(0, false), indent, between, behindKey, bound.flag(3, false), all)
        .of(value);
  }
}
