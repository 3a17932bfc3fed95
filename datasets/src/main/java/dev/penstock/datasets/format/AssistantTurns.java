package dev.penstock.datasets.format;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.template.Rendering;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Finds what the assistant says in a rendered conversation whose template does not mark it: a turn
 * begins where the prompt for it ends, and ends where the conversation up to it does. Refused where
 * the rendering of a part is not the beginning of that of the whole, as with templates that leave
 * out earlier reasoning. Each turn renders all before it, so the steps of all together are bounded.
 *
 * <p>For one conversation.
 */
final class AssistantTurns {
  /** Ten times what one rendering may do. */
  private static final long MOST_WORK = 200_000_000;

  private final Function<Prefix, Rendering> render;
  private long work;

  /**
   * @param render renders a part of the conversation
   */
  AssistantTurns(Function<Prefix, Rendering> render) {
    this.render = render;
  }

  /**
   * A part of a conversation.
   *
   * @param asksForTurn whether the prompt for the assistant's next turn follows
   */
  record Prefix(Conversation conversation, boolean asksForTurn) {}

  /** What the assistant says in the text of a whole conversation. */
  List<Rendering.Span> find(Conversation conversation, String text) {
    return IntStream.range(0, conversation.messages().size())
        .filter(conversation::isAssistant)
        .mapToObj(message -> turn(conversation, message, text))
        .toList();
  }

  private Rendering.Span turn(Conversation conversation, int message, String text) {
    if (message == 0) {
      throw notFound(message, "no prompt comes before it");
    }
    String prompt = text(new Prefix(conversation.before(message), true), message);
    boolean last = message + 1 == conversation.messages().size();
    String said = last ? text : text(new Prefix(conversation.before(message + 1), false), message);
    if (!text.startsWith(prompt) || !text.startsWith(said) || said.length() < prompt.length()) {
      throw notFound(
          message, "the conversation up to it renders to other text than within the whole");
    }
    return new Rendering.Span(prompt.length(), said.length());
  }

  private String text(Prefix prefix, int message) {
    Rendering rendering = render.apply(prefix);
    work += rendering.work();
    if (work > MOST_WORK) {
      throw notFound(
          message,
          String.format(
              Locale.ROOT,
              "rendering the conversation up to each turn takes more than %d steps",
              MOST_WORK));
    }
    return rendering.text();
  }

  private static DatasetException notFound(int message, String why) {
    return new DatasetException(
        String.format(
            Locale.ROOT,
            "The chat template does not mark what the assistant says, and message %d, which is the"
                + " assistant's, cannot be found: %s. Put {%% generation %%} and {%% endgeneration"
                + " %%} around the assistant's turn in the template.",
            message + 1,
            why));
  }
}
