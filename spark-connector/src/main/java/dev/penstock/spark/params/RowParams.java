package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of the trainer and of the model alike that say what a row is, where it is not a text.
 *
 * @param <T> the stage, as its setters return it
 */
public interface RowParams<T> extends OptionParams<T> {
  default Param<String> messagesCol() {
    return option(TrainerOption.MESSAGES_COL);
  }

  default String getMessagesCol() {
    return value(TrainerOption.MESSAGES_COL);
  }

  default T setMessagesCol(String value) {
    return with(TrainerOption.MESSAGES_COL, value);
  }

  default Param<String> toolsCol() {
    return option(TrainerOption.TOOLS_COL);
  }

  default String getToolsCol() {
    return value(TrainerOption.TOOLS_COL);
  }

  default T setToolsCol(String value) {
    return with(TrainerOption.TOOLS_COL, value);
  }

  default Param<String> promptCol() {
    return option(TrainerOption.PROMPT_COL);
  }

  default String getPromptCol() {
    return value(TrainerOption.PROMPT_COL);
  }

  default T setPromptCol(String value) {
    return with(TrainerOption.PROMPT_COL, value);
  }

  default Param<String> completionCol() {
    return option(TrainerOption.COMPLETION_COL);
  }

  default String getCompletionCol() {
    return value(TrainerOption.COMPLETION_COL);
  }

  default T setCompletionCol(String value) {
    return with(TrainerOption.COMPLETION_COL, value);
  }

  default BooleanParam trainOnPrompt() {
    return option(TrainerOption.TRAIN_ON_PROMPT);
  }

  default boolean getTrainOnPrompt() {
    return value(TrainerOption.TRAIN_ON_PROMPT);
  }

  default T setTrainOnPrompt(boolean value) {
    return with(TrainerOption.TRAIN_ON_PROMPT, value);
  }

  default Param<String> promptEncoding() {
    return option(TrainerOption.PROMPT_ENCODING);
  }

  default String getPromptEncoding() {
    return value(TrainerOption.PROMPT_ENCODING);
  }

  default T setPromptEncoding(String value) {
    return with(TrainerOption.PROMPT_ENCODING, value);
  }

  default Param<String> tokensCol() {
    return option(TrainerOption.TOKENS_COL);
  }

  default String getTokensCol() {
    return value(TrainerOption.TOKENS_COL);
  }

  default T setTokensCol(String value) {
    return with(TrainerOption.TOKENS_COL, value);
  }

  default Param<String> labelsCol() {
    return option(TrainerOption.LABELS_COL);
  }

  default String getLabelsCol() {
    return value(TrainerOption.LABELS_COL);
  }

  default T setLabelsCol(String value) {
    return with(TrainerOption.LABELS_COL, value);
  }
}
