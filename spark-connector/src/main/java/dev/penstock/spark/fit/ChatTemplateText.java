package dev.penstock.spark.fit;

import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** The template of chatTemplate, which is the text itself or a file of it. */
final class ChatTemplateText {
  private ChatTemplateText() {}

  /** Whether a value is Jinja: every template has a tag, and few paths have a brace. */
  static boolean isText(String value) {
    return value.indexOf('{') >= 0;
  }

  /** A tokenizer with the template, if there is one. */
  static TokenizerFiles put(TrainerParams<?> params, TokenizerFiles tokenizer, Configuration conf)
      throws IOException {
    Optional<String> value = params.valueIfAny(TrainerOption.CHAT_TEMPLATE);
    if (value.isEmpty()) {
      return tokenizer;
    }
    return tokenizer.withChatTemplate(
        isText(value.get())
            ? value.get()
            : ParamFile.read(value.get(), "chat template", "chatTemplate", conf));
  }
}
