package dev.penstock.spark.score;

import dev.penstock.datasets.tokenize.SpecialTokens;
import java.io.IOException;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Continues a prompt with a model, in a task. */
public final class ContinuePrompt implements Function<String, String> {
  private static final long serialVersionUID = 1L;

  private final ModelRef model;
  private final Continuation continuation;
  private final SpecialTokens specialTokens;
  private final Broadcast<SerializableConfiguration> hadoopConf;

  /**
   * @param specialTokens whether the tokenizer puts its own around a prompt
   */
  public ContinuePrompt(
      ModelRef model,
      Continuation continuation,
      SpecialTokens specialTokens,
      Broadcast<SerializableConfiguration> hadoopConf) {
    this.model = model;
    this.continuation = continuation;
    this.specialTokens = specialTokens;
    this.hadoopConf = hadoopConf;
  }

  @Override
  public String call(String prompt) throws IOException {
    return LoadedModel.use(
        model,
        hadoopConf.value().value(),
        loaded -> {
          TaskProgress progress = new TaskProgress("tokens generated", 0, more -> {});
          return new PromptText(model, continuation, specialTokens)
              .continuation(loaded, prompt, () -> progress.add(1));
        });
  }
}
