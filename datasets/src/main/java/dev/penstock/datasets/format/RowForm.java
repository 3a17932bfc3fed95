package dev.penstock.datasets.format;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.time.LocalDateTime;

/** What a row of a data set is made of, and which of its tokens are predicted. */
public sealed interface RowForm extends Serializable {
  /**
   * Whether the end-of-text token goes behind a row. Else the row says itself what ends it: by its
   * chat template, its tokens, or what the tokenizer puts around a text.
   */
  boolean isEnded();

  /** Says what becomes of a row, for rows that became tokens before to be found again. */
  String identity();

  /** A text, of which every token is predicted. */
  record Text() implements RowForm {
    @Override
    public boolean isEnded() {
      return true;
    }

    @Override
    public String identity() {
      return "text";
    }
  }

  /**
   * A conversation, of which what the assistant says is predicted.
   *
   * @param now the time that chat templates tell: one for a whole run, or tasks that run again
   *     would make other rows
   */
  record Messages(LocalDateTime now) implements RowForm {
    public Messages {
      requireNonNull(now, "now is null");
    }

    @Override
    public boolean isEnded() {
      return false;
    }

    /** Without the time: what a fit has made of the rows at its time stays what it is. */
    @Override
    public String identity() {
      return "messages";
    }
  }

  /**
   * A prompt and its completion.
   *
   * @param trainOnPrompt whether the prompt is predicted too
   * @param encoding how the two become tokens
   */
  record PromptCompletion(boolean trainOnPrompt, PromptEncoding encoding) implements RowForm {
    public PromptCompletion {
      requireNonNull(encoding, "encoding is null");
    }

    @Override
    public boolean isEnded() {
      return encoding == PromptEncoding.JOINED;
    }

    @Override
    public String identity() {
      return "%s prompt, %s".formatted(encoding, trainOnPrompt ? "predicted" : "not predicted");
    }
  }

  /** Token ids, and perhaps labels, of somebody else's making. */
  record Tokens() implements RowForm {
    @Override
    public boolean isEnded() {
      return false;
    }

    @Override
    public String identity() {
      return "tokens";
    }
  }
}
