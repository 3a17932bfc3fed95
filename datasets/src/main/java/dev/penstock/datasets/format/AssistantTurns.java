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
 * out earlier reasoning.
 *
 * @param render renders a part of the conversation
 */
record AssistantTurns(Function<Prefix, String> render) {
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
    String prompt = render.apply(new Prefix(conversation.before(message), true));
    boolean last = message + 1 == conversation.messages().size();
    String said = last ? text : render.apply(new Prefix(conversation.before(message + 1), false));
    if (!text.startsWith(prompt) || !text.startsWith(said) || said.length() < prompt.length()) {
      throw notFound(
          message, "the conversation up to it renders to other text than within the whole");
    }
    return new Rendering.Span(prompt.length(), said.length());
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
