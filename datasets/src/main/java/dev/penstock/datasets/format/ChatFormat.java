package dev.penstock.datasets.format;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.tokenize.TextTokenizer;
import java.util.List;

/**
 * Conversations, of which only what the assistant says is predicted, with the token that ends its
 * turn. Prefix and content of a turn are encoded apart, as they are when the model answers.
 *
 * @param tokenizer stays the caller's
 * @param markup how turns are marked
 */
public record ChatFormat(TextTokenizer tokenizer, ChatMarkup markup) {
  public ChatFormat {
    requireNonNull(tokenizer, "tokenizer is null");
    requireNonNull(markup, "markup is null");
  }

  /** The document of a conversation; empty if there are no messages. */
  public TokenizedDocument format(List<ChatMessage> messages) {
    MaskedSegments segments = new MaskedSegments(tokenizer);
    if (!messages.isEmpty()) {
      segments.masked(markup.begin());
    }
    for (ChatMessage message : messages) {
      segments.masked(markup.prefix(message.role()));
      String said = message.content() + markup.turnSuffix();
      if (message.role().equals(ChatMessage.ASSISTANT)) {
        segments.predicted(said);
      } else {
        segments.masked(said);
      }
    }
    return segments.document();
  }
}
