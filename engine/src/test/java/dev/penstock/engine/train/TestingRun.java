package dev.penstock.engine.train;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.storage.Folder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A training run whose ranks are threads. */
record TestingRun(int ppSize, int dpSize, String schedule, int microbatchSize) {
  static final String MODEL =
      """
      {"model_type": "llama", "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 4,
       "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
       "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "tie_word_embeddings": %s}
      """;

  static final int STEPS = 5;
  static final int ROWS = 8;
  static final int LENGTH = 16;

  TrainingConfig config(boolean tied) {
    return new TrainingConfig(
        MODEL.formatted(tied),
        new ParallelConfig(ppSize, dpSize),
        new BatchConfig(ROWS, microbatchSize, LENGTH),
        ScheduleConfig.named(schedule),
        OptimizerConfig.adamW(1e-2),
        new LrScheduleConfig("cosine", 2, STEPS, 0, 0, 0),
        STEPS,
        7);
  }

  /**
   * Rows of a pattern, the same at each step, with some labels ignored, so that rows count
   * differently.
   */
  static TokenBatch rows(long step, int firstRow, int numRows) {
    int[] ids = new int[numRows * LENGTH];
    int[] labels = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      int row = firstRow + i / LENGTH;
      int position = i % LENGTH;
      ids[i] = (row * 31 + position * (row + 3)) % 97;
      labels[i] = position < row ? TokenBatch.IGNORE : ids[i];
    }
    return new TokenBatch(numRows, LENGTH, ids, labels);
  }

  List<Double> losses(boolean tied) {
    return losses(config(tied));
  }

  /** Reads rows for a step. */
  interface Rows {
    TokenBatch read(long step, int firstRow, int numRows);

    default boolean weighted() {
      return false;
    }

    default boolean variesInLength() {
      return false;
    }

    default long numRows() {
      return ROWS;
    }

    default boolean endsWith(long step) {
      return false;
    }
  }

  List<RankResult> train(boolean tied, Rows rows, @Nullable Folder output) {
    return train(config(tied), rows, output);
  }

  /** The losses of a run over {@link #rows}, an epoch of {@link #ROWS} rows. */
  static List<Double> losses(TrainingConfig config) {
    return losses(config, TestingRun::rows);
  }

  static List<Double> losses(TrainingConfig config, Rows rows) {
    return train(config, rows, null).stream()
        .flatMap(result -> result.steps().stream())
        .map(StepReport::loss)
        .toList();
  }

  static List<RankResult> train(TrainingConfig config, Rows rows, @Nullable Folder output) {
    return train(config, rows, null, output);
  }

  static List<RankResult> train(
      TrainingConfig config, Rows rows, @Nullable ModelFiles weights, @Nullable Folder output) {
    return train(config, rows, weights, output, rank -> "this");
  }

  /** The losses of a run whose ranks take themselves for processes of their own. */
  static List<Double> lossesOverTcp(TrainingConfig config) {
    return trainOverTcp(config, null).stream()
        .flatMap(result -> result.steps().stream())
        .map(StepReport::loss)
        .toList();
  }

  /** A run whose ranks take themselves for processes of their own. */
  static List<RankResult> trainOverTcp(TrainingConfig config, @Nullable Folder output) {
    return train(config, TestingRun::rows, null, output, rank -> "jvm " + rank);
  }

  private static List<RankResult> train(
      TrainingConfig config,
      Rows rows,
      @Nullable ModelFiles weights,
      @Nullable Folder output,
      IntFunction<String> jvmOfRank) {
    int size = config.parallel().worldSize();
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<RankResult>> running = new ArrayList<>();
      for (LoopbackRendezvous rendezvous : LoopbackRendezvous.create(size)) {
        RankInputs inputs =
            new RankInputs(
                source(rows),
                weights,
                output == null ? null : ModelOutput.of(output),
                report -> {},
                1,
                Duration.ofSeconds(30),
                1);
        RankAddress address =
            new RankAddress("127.0.0.1", jvmOfRank.apply(rendezvous.rank()), "cpu");
        running.add(
            threads.submit(() -> new RankTrainer(config, rendezvous, address, inputs).train()));
      }
      List<RankResult> results = new ArrayList<>();
      for (Future<RankResult> rank : running) {
        results.add(rank.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static MicrobatchSource source(Rows rows) {
    return new MicrobatchSource() {
      @Override
      public TokenBatch read(long step, int firstRow, int numRows) {
        return rows.read(step, firstRow, numRows);
      }

      @Override
      public long numRows() {
        return rows.numRows();
      }

      @Override
      public boolean endsWith(long step) {
        return rows.endsWith(step);
      }

      @Override
      public boolean weighted() {
        return rows.weighted();
      }

      @Override
      public boolean variesInLength() {
        return rows.variesInLength();
      }

      @Override
      public void close() {}
    };
  }
}
