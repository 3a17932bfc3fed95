package dev.penstock.engine.parity;

import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.family.AdapterConfig;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.modelfiles.CheckedModel;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Runs a model of a folder through a pipeline of threads and compares logits, loss, gradients and a
 * short training with what transformers computed.
 */
public final class ParityCheck {
  private final Path folder;
  private final ModelFiles files;
  private final @Nullable Path adapter;
  private final int ppSize;
  private final ScheduleConfig schedule;
  private final int microbatches;
  private final Precision precision;

  /**
   * Sets up a comparison.
   *
   * @param folder model files, {@code golden.safetensors} and {@code golden.json}
   * @param microbatches microbatches of a step, at most the recorded rows
   */
  public ParityCheck(Path folder, int ppSize, ScheduleConfig schedule, int microbatches) {
    this(folder, null, ppSize, schedule, microbatches, Precision.FLOAT32);
  }

  /**
   * Sets up a comparison of a model with adapters.
   *
   * @param folder model files
   * @param adapter what peft saved, {@code golden.safetensors} and {@code golden.json}; null: the
   *     model alone, whose recorded numbers are in its own folder
   */
  public ParityCheck(
      Path folder, @Nullable Path adapter, int ppSize, ScheduleConfig schedule, int microbatches) {
    this(folder, adapter, ppSize, schedule, microbatches, Precision.FLOAT32);
  }

  /** As above, in a precision of its own: what is recorded is float32. */
  ParityCheck(
      Path folder,
      @Nullable Path adapter,
      int ppSize,
      ScheduleConfig schedule,
      int microbatches,
      Precision precision) {
    this.precision = precision;
    this.folder = folder;
    files =
        new ModelFiles(new LocalFolder(folder), adapter == null ? null : new LocalFolder(adapter));
    this.adapter = adapter;
    this.ppSize = ppSize;
    this.schedule = schedule;
    this.microbatches = microbatches;
  }

  /**
   * Rows of the batch that was run forward and backward; for more microbatches they are repeated.
   */
  public static int recordedRows(Path folder) throws IOException {
    return Reference.read(folder).batch().rows();
  }

  /** Runs the ranks and compares. */
  public ParityReport run() throws IOException {
    if (microbatches < 1) {
      throw new ConfigException(
          String.format(Locale.ROOT, "microbatches must be at least 1, but is %d.", microbatches));
    }
    CheckedModel model = files.checkModel();
    Reference reference = Reference.read(adapter == null ? folder : adapter);
    TrainingConfig config = config(model.config(), reference);
    files.checkAdapter(model.spec(), TrainingPlan.of(config).lora());
    List<RankParity.Outcome> outcomes = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(ppSize);
    try {
      List<Future<RankParity.Outcome>> running = new ArrayList<>();
      for (LoopbackRendezvous rendezvous : LoopbackRendezvous.create(ppSize)) {
        running.add(
            threads.submit(
                () -> new RankParity(config, rendezvous, files, reference, microbatches).run()));
      }
      for (Future<RankParity.Outcome> rank : running) {
        outcomes.add(rank.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
    return Comparison.of(
        reference, outcomes, new DecoderTensors(model.spec()).fused(), model.warnings());
  }

  /** The recorded training: AdamW, constant learning rate 1e-3, decay 0.1, clipping at 1. */
  private TrainingConfig config(String modelConfig, Reference reference) throws IOException {
    TrainingConfig config =
        new TrainingConfig(
                modelConfig,
                new ParallelConfig(ppSize, 1),
                new BatchConfig(microbatches, 1, reference.batch().seqLength()),
                schedule,
                new OptimizerConfig(1e-3, 0.9, 0.95, 1e-8, 0.1, 1.0),
                LrScheduleConfig.constant(),
                Math.max(1, reference.trainBatches().size()),
                0)
            // References are recorded in evaluation mode.
            .withCompute(ComputeConfig.DEFAULT.withDropout(0).withPrecision(precision));
    return adapter == null ? config : config.withLora(lora(adapter));
  }

  private static LoraConfig lora(Path adapter) throws IOException {
    String json = Files.readString(adapter.resolve(AdapterFolder.CONFIG));
    // What is recorded was computed without dropout.
    return AdapterConfig.parse(json, adapter.toString()).lora().withDropout(0);
  }
}
