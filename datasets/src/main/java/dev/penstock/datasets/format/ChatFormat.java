package dev.penstock.datasets.format;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.template.ChatTemplate;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.template.Rendering;
import dev.penstock.datasets.tokenize.LocatedTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conversations as the tokenizer's chat template renders them, of which only what the assistant
 * says is predicted: what the template marks with {@code generation}; where it marks nothing, what
 * comes behind the prompt that the conversation before the turn renders to. The ids are those of
 * transformers' {@code apply_chat_template}, and with a marking template so are the labels.
 *
 * <p>Used by one thread.
 */
public final class ChatFormat {
  private final TextEncoder encoder;
  private final ChatTemplates templates;
  private final @Nullable String templateName;
  private final LocalDateTime now;
  private final Map<String, ChatTemplate> parsed = new HashMap<>();

  /**
   * A format.
   *
   * @param encoder makes the tokens; stays the caller's
   * @param templates those of its tokenizer
   * @param templateName the one to take; null: what transformers takes
   * @param now the time that templates tell: one for a whole run, or rows would differ
   */
  public ChatFormat(
      TextEncoder encoder,
      ChatTemplates templates,
      @Nullable String templateName,
      LocalDateTime now) {
    this.encoder = encoder;
    this.templates = templates;
    this.templateName = templateName;
    this.now = now;
  }

  /**
   * The document of a conversation.
   *
   * @throws DatasetException if the template refuses it, or does not let the assistant's turns be
   *     found
   */
  public TokenizedDocument format(Conversation conversation) {
    ChatTemplate template =
        parsed.computeIfAbsent(
            templates.choose(templateName, !conversation.tools().isNull()), ChatTemplate::parse);
    Rendering whole = template.render(variables(conversation, false), now);
    List<Rendering.Span> spans =
        whole.generated().isEmpty()
            ? new AssistantTurns(prefix -> template.render(variables(prefix), now))
                .find(conversation, whole.text())
            : whole.generated();
    LocatedTokens tokens = encoder.locate(whole.text());
    return new TokenizedDocument(tokens.ids(), labels(whole.text(), tokens, spans));
  }

  private Map<String, JsonNode> variables(AssistantTurns.Prefix prefix) {
    return variables(prefix.conversation(), prefix.asksForTurn());
  }

  private Map<String, JsonNode> variables(Conversation conversation, boolean asksForTurn) {
    Map<String, JsonNode> variables = conversation.variables(asksForTurn);
    encoder
        .tokenizer()
        .specialTokens()
        .forEach((role, token) -> variables.put(role, Conversation.text(token)));
    return variables;
  }

  /** Every token that overlaps a span is predicted. */
  private static int[] labels(String text, LocatedTokens tokens, List<Rendering.Span> spans) {
    int[] labels = new int[tokens.ids().length];
    int span = 0;
    int counted = 0; // characters up to the UTF-16 unit
    int unit = 0;
    int[] begins = new int[spans.size()];
    int[] ends = new int[spans.size()];
    for (int i = 0; i < spans.size(); i++) {
      counted += text.codePointCount(unit, spans.get(i).begin());
      begins[i] = counted;
      counted += text.codePointCount(spans.get(i).begin(), spans.get(i).end());
      ends[i] = counted;
      unit = spans.get(i).end();
    }
    for (int i = 0; i < labels.length; i++) {
      while (span < ends.length && tokens.begins()[i] >= ends[span]) {
        span++;
      }
      boolean predicted = span < ends.length && tokens.ends()[i] > begins[span];
      labels[i] = predicted ? tokens.ids()[i] : TokenSequence.IGNORE;
    }
    return labels;
  }
}
