package dev.penstock.spark.score;

import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.inference.CausalLM;
import dev.penstock.engine.torch.Threads;
import dev.penstock.spark.barrier.RankDevice;
import dev.penstock.spark.barrier.SpareMemory;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.interop.NativeSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model and its tokenizer. The tasks of a JVM share one small pool of them: several models of one
 * plan stay side by side as far as there is room, one that nobody used for five minutes goes, and
 * all go before a rank of a training run begins.
 */
final class LoadedModel implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LoadedModel.class);
  private static final long MOST_BYTES = 4L << 30;
  private static final int SHARE_OF_MEMORY = 4;
  private static final long IDLE_MINUTES = 5;

  private static final ModelPool<ModelRef, LoadedModel> pool =
      new ModelPool<>(maxBytes(), TimeUnit.MINUTES.toNanos(IDLE_MINUTES), System::nanoTime);

  static {
    SpareMemory.onDemand(pool::closeAll);
    ScheduledExecutorService sweeper =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "penstock-idle-models");
              thread.setDaemon(true);
              return thread;
            });
    sweeper.scheduleWithFixedDelay(pool::closeIdle, 1, 1, TimeUnit.MINUTES);
  }

  private final CausalLM model;
  private final TextTokenizer tokenizer;
  private final TokenizerFiles files;
  private final Map<SpecialTokens, TextEncoder> encoders = new EnumMap<>(SpecialTokens.class);

  private LoadedModel(CausalLM model, TextTokenizer tokenizer, TokenizerFiles files) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.files = files;
  }

  /** Does some work with a model. The tasks of a JVM take turns: the model uses all its cores. */
  static <R> R use(ModelRef ref, Configuration conf, Function<LoadedModel, R> work)
      throws IOException {
    NativeSettings.prepare();
    return pool.use(
        ref,
        new FromFolders(conf),
        loaded -> {
          Threads.configure(ref.threads());
          return work.apply(loaded);
        });
  }

  /** Models beyond this take each other's place. */
  private static long maxBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? Math.min(MOST_BYTES, system.getTotalMemorySize() / SHARE_OF_MEMORY)
        : MOST_BYTES;
  }

  CausalLM model() {
    return model;
  }

  TextTokenizer tokenizer() {
    return tokenizer;
  }

  /** The chat templates of the tokenizer. */
  ChatTemplates templates() {
    return ChatTemplates.of(files);
  }

  /** Texts to the model's tokens. */
  TextEncoder encoder(SpecialTokens specialTokens) {
    return encoders.computeIfAbsent(
        specialTokens, key -> new TextEncoder(tokenizer, key, model.spec().vocabSize()));
  }

  private record FromFolders(Configuration conf)
      implements ModelPool.Loader<ModelRef, LoadedModel> {
    @Override
    public long bytes(ModelRef ref) throws IOException {
      return CausalLM.weightBytes(ref.paths().files(conf));
    }

    @Override
    public LoadedModel load(ModelRef ref) throws IOException {
      log.info("Loading the model at {}", ref.paths().location());
      TokenizerFiles files = TokenizerFolder.read(ref.paths().tokenizer(conf), conf);
      TextTokenizer tokenizer = TextTokenizer.open(files);
      try {
        String device = RankDevice.of(TaskContext.get(), ref.localMode()).choose(ref.device());
        CausalLM model = CausalLM.load(ref.paths().files(conf), device);
        model.warnings().forEach(log::warn);
        return new LoadedModel(model, tokenizer, files);
      } catch (IOException | RuntimeException e) {
        tokenizer.close();
        throw e;
      }
    }
  }

  @Override
  public void close() {
    model.close();
    tokenizer.close();
  }
}
