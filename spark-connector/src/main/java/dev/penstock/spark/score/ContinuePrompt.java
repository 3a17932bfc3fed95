package dev.penstock.spark.score;

import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.inference.GenerationConfig;
import java.io.IOException;
import java.util.Arrays;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Continues prompts with a model. */
public final class ContinuePrompt implements Function<String, String> {
  private static final long serialVersionUID = 1L;
  private static final int NO_TOKEN = -1;

  private final ModelRef model;
  private final int maxNewTokens;
  private final double temperature;
  private final int topK;
  private final double topP;
  private final long seed;
  private final Broadcast<SerializableConfiguration> hadoopConf;

  /**
   * @param temperature 0: always the likeliest token
   * @param topK draw among so many likeliest tokens; 0: among all
   * @param topP draw among the likeliest tokens that together reach this probability
   * @param seed of the sampling
   */
  public ContinuePrompt(
      ModelRef model,
      int maxNewTokens,
      double temperature,
      int topK,
      double topP,
      long seed,
      Broadcast<SerializableConfiguration> hadoopConf) {
    this.model = model;
    this.maxNewTokens = maxNewTokens;
    this.temperature = temperature;
    this.topK = topK;
    this.topP = topP;
    this.seed = seed;
    this.hadoopConf = hadoopConf;
  }

  @Override
  public String call(String prompt) throws IOException {
    return LoadedModel.use(
        model, hadoopConf.value().value(), loaded -> continuation(loaded, prompt));
  }

  private String continuation(LoadedModel loaded, String prompt) {
    GenerationConfig config =
        new GenerationConfig(
            maxNewTokens,
            temperature,
            topK,
            topP,
            loaded.tokenizer().eosTokenId().orElse(NO_TOKEN),
            seed);
    int[] tokens = loaded.tokenizer().encode(prompt, SpecialTokens.INCLUDED);
    int[] added = loaded.model().generate(tokens, config);
    // Decoded together, for the first word of a text may be spelled unlike one within it.
    int[] all = Arrays.copyOf(tokens, tokens.length + added.length);
    System.arraycopy(added, 0, all, tokens.length, added.length);
    String beginning = loaded.tokenizer().decode(tokens, SpecialTokens.EXCLUDED);
    String whole = loaded.tokenizer().decode(all, SpecialTokens.EXCLUDED);
    return whole.startsWith(beginning)
        ? whole.substring(beginning.length())
        : loaded.tokenizer().decode(added, SpecialTokens.EXCLUDED);
  }
}
