package dev.penstock.spark.score;

import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.engine.inference.CausalLM;
import dev.penstock.engine.torch.Threads;
import dev.penstock.spark.barrier.RankDevice;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.interop.NativeSettings;
import java.io.IOException;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model and tokenizer of this JVM: loaded when a task first needs them, kept until one asks for
 * another model.
 */
final class LoadedModel {
  private static final Logger log = LoggerFactory.getLogger(LoadedModel.class);

  private static @Nullable LoadedModel current;

  private final ModelRef ref;
  private final CausalLM model;
  private final TextTokenizer tokenizer;

  private LoadedModel(ModelRef ref, CausalLM model, TextTokenizer tokenizer) {
    this.ref = ref;
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** Does some work with a model. The tasks of a JVM take turns: the model uses all its cores. */
  static synchronized <R> R use(ModelRef ref, Configuration conf, Function<LoadedModel, R> work)
      throws IOException {
    NativeSettings.prepare();
    LoadedModel loaded = current;
    if (loaded == null || !loaded.ref.equals(ref)) {
      current = null;
      if (loaded != null) {
        loaded.model.close();
        loaded.tokenizer.close();
      }
      loaded = load(ref, conf);
      current = loaded;
    }
    Threads.configure(ref.threads());
    return work.apply(loaded);
  }

  CausalLM model() {
    return model;
  }

  TextTokenizer tokenizer() {
    return tokenizer;
  }

  private static LoadedModel load(ModelRef ref, Configuration conf) throws IOException {
    log.info("Loading the model at {}", ref.paths().location());
    TextTokenizer tokenizer =
        TextTokenizer.open(TokenizerFolder.read(ref.paths().tokenizer(conf), conf));
    try {
      String device = RankDevice.of(TaskContext.get(), ref.localMode()).choose(ref.device());
      CausalLM model = CausalLM.load(ref.paths().files(conf), device);
      return new LoadedModel(ref, model, tokenizer);
    } catch (IOException | RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }
}
