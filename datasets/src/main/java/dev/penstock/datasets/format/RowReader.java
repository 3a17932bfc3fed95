package dev.penstock.datasets.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Rows of one form to documents. A row comes as one text: a text as it is, others as a JSON object
 * with {@value #MESSAGES} and {@value #TOOLS}, {@value #PROMPT} and {@value #COMPLETION}, or
 * {@value #TOKENS} and {@value #LABELS}.
 *
 * <p>Used by one thread.
 */
public final class RowReader {
  public static final String MESSAGES = "messages";
  public static final String TOOLS = "tools";
  public static final String PROMPT = "prompt";
  public static final String COMPLETION = "completion";
  public static final String TOKENS = "tokens";
  public static final String LABELS = "labels";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHOWN_CHARS = 80;

  private final Function<String, TokenizedDocument> read;

  private RowReader(Function<String, TokenizedDocument> read) {
    this.read = read;
  }

  /**
   * A reader.
   *
   * @param encoder makes the tokens; stays the caller's
   * @param templates those of its tokenizer, asked for if rows are conversations
   */
  public static RowReader of(RowForm form, TextEncoder encoder, Supplier<ChatTemplates> templates) {
    if (form instanceof RowForm.Messages messages) {
      ChatFormat format = new ChatFormat(encoder, templates.get(), null, messages.now());
      return new RowReader(row -> chat(format, row));
    }
    if (form instanceof RowForm.PromptCompletion parts) {
      PromptCompletionFormat format = new PromptCompletionFormat(encoder, parts);
      return new RowReader(
          row -> {
            JsonNode json = json(row);
            return format.format(json.path(PROMPT).asText(""), json.path(COMPLETION).asText(""));
          });
    }
    if (form instanceof RowForm.Tokens) {
      GivenTokens given = new GivenTokens(encoder.vocabSize());
      return new RowReader(
          row -> {
            JsonNode json = json(row);
            return given.document(json.path(TOKENS), json.path(LABELS));
          });
    }
    return new RowReader(row -> TokenizedDocument.of(encoder.encode(row)));
  }

  /**
   * The tokenizer's special tokens around rows of a form: a chat template writes them itself, and
   * what is tokens already has them.
   */
  public static SpecialTokens around(RowForm form, SpecialTokens wanted) {
    return form instanceof RowForm.Messages || form instanceof RowForm.Tokens
        ? SpecialTokens.EXCLUDED
        : wanted;
  }

  /**
   * The document of a row.
   *
   * @throws DatasetException naming the row by its beginning, if it is none of this form
   */
  public TokenizedDocument read(String row) {
    return read.apply(row);
  }

  private static TokenizedDocument chat(ChatFormat format, String row) {
    try {
      JsonNode json = json(row);
      return format.format(
          Conversation.of(written(json.path(MESSAGES)), written(json.path(TOOLS))));
    } catch (DatasetException e) {
      throw new DatasetException("The row %s: %s".formatted(beginning(row), e.getMessage()), e);
    }
  }

  /** JSON that is in a text, as published data hold what has another form in each row. */
  private static JsonNode written(JsonNode json) {
    return json.isTextual() ? json(json.textValue()) : json;
  }

  private static JsonNode json(String text) {
    if (text.isBlank()) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new DatasetException(
          "%s is no JSON: %.300s. Write it as JSON, or give a column of structs."
              .formatted(beginning(text), e.getOriginalMessage()),
          e);
    }
  }

  private static String beginning(String text) {
    return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "..";
  }
}
