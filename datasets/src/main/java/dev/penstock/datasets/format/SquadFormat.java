package dev.penstock.datasets.format;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.pack.TokenizedDocument;
import java.util.List;

/**
 * Rows of the SQuAD data set, in NeMo AutoModel's wording for tokenizers without a chat template.
 *
 * @param promptCompletion how question and answer become a document
 */
public record SquadFormat(PromptCompletionFormat promptCompletion) {
  public SquadFormat {
    requireNonNull(promptCompletion, "promptCompletion is null");
  }

  /**
   * The document of a question.
   *
   * @param context the text that has the answer
   * @param question the question
   * @param answers possible answers, of which the first is learnt; may be empty
   */
  public TokenizedDocument format(String context, String question, List<String> answers) {
    String prompt = "Context: %s Question: %s Answer: ".formatted(context, question);
    return promptCompletion.format(prompt, answers.isEmpty() ? "" : answers.get(0).strip());
  }
}
