package dev.penstock.spark.score;

import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.spark.interop.BatchFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** What follows each prompt. What is drawn depends on seed and prompt alone. */
public final class GenerateTexts implements BatchFunction {
  private static final long serialVersionUID = 1L;

  private final ModelRef model;
  private final Continuation continuation;
  private final SpecialTokens specialTokens;
  private final Broadcast<SerializableConfiguration> hadoopConf;

  /**
   * @param specialTokens whether the tokenizer puts its own around a prompt
   */
  public GenerateTexts(
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
  public List<Object[]> apply(
      List<@Nullable String> prompts, RowPlace place, LongConsumer progress) {
    try {
      return LoadedModel.use(
          model, hadoopConf.value().value(), loaded -> continueAll(loaded, prompts, progress));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot load the model at " + model.paths().location(), e);
    }
  }

  @Override
  public String unit() {
    return "tokens generated";
  }

  private List<Object[]> continueAll(
      LoadedModel loaded, List<@Nullable String> prompts, LongConsumer done) {
    TaskProgress progress = new TaskProgress("tokens generated", 0, done);
    List<Object[]> texts = new ArrayList<>();
    for (String prompt : prompts) {
      texts.add(new Object[] {prompt == null ? null : continued(loaded, prompt, progress)});
    }
    return texts;
  }

  private String continued(LoadedModel loaded, String prompt, TaskProgress progress) {
    return new PromptText(model, continuation.seededBy(prompt), specialTokens)
        .continuation(loaded, prompt, () -> progress.add(1));
  }
}
