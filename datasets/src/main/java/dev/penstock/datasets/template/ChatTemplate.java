package dev.penstock.datasets.template;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.template.Statement.Located;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A chat template that has been read. It is bounded: whatever it says, rendering ends soon, with a
 * text or with a refusal. Immutable, for use by several threads.
 */
public final class ChatTemplate {
  private static final int SHOWN_CHARS = 500;

  private final String source;
  private final List<Located> statements;

  private ChatTemplate(String source, List<Located> statements) {
    this.source = source;
    this.statements = statements;
  }

  /**
   * Reads a template.
   *
   * @throws DatasetException if it is too long, or not what Jinja takes
   */
  public static ChatTemplate parse(String source) {
    if (source.length() > Budget.MOST_SOURCE) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "The chat template has %d characters, more than %d. Check the tokenizer's files.",
              source.length(),
              Budget.MOST_SOURCE));
    }
    try {
      return new ChatTemplate(source, Parser.parse(source));
    } catch (TemplateException e) {
      throw refused(e, e.line());
    }
  }

  /** The template as it is written. */
  public String source() {
    return source;
  }

  /**
   * Renders.
   *
   * @param variables JSON by name: messages, tools, special tokens and what else the template reads
   * @param now what strftime_now tells
   * @throws DatasetException if the template refuses the conversation, is wrong, or does too much
   */
  public Rendering render(Map<String, JsonNode> variables, LocalDateTime now) {
    Scope globals = new Scope(null);
    globals.set("self", (Attributed) name -> null); // it would hold blocks, which there are none of
    GlobalFunctions.at(now).forEach(globals::set);
    variables.forEach((name, json) -> globals.set(name, JsonValues.of(json)));
    Interpreter interpreter = new Interpreter();
    try {
      return interpreter.run(statements, globals);
    } catch (TemplateException e) {
      throw refused(e, interpreter.line());
    }
  }

  private static DatasetException refused(TemplateException e, int line) {
    String why = e.getMessage();
    return new DatasetException(
        String.format(
            Locale.ROOT,
            "The chat template cannot be used, line %d: %s. Mend the row or the template.",
            line,
            why.length() > SHOWN_CHARS ? why.substring(0, SHOWN_CHARS) + ".." : why),
        e);
  }
}
