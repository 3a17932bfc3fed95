package dev.penstock.engine.train;

import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.CheckpointManifest;
import dev.penstock.engine.checkpoint.Retention;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.checkpoint.StateSlice;
import dev.penstock.engine.checkpoint.StepTable;
import dev.penstock.engine.checkpoint.StoredFile;
import dev.penstock.engine.checkpoint.StoredSlice;
import dev.penstock.engine.checkpoint.TensorSlice;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A run with checkpoints whose ranks are threads.
 *
 * @param config the run
 * @param validation null: it is not validated
 * @param failAt the step, from 0, at which reading rows fails; -1: none
 * @param processes whether ranks take themselves for processes of their own
 */
record ResumingRun(
    TrainingConfig config, @Nullable ValidationConfig validation, long failAt, boolean processes) {
  /** Keeps all. */
  static final Retention RETENTION = new Retention(100, false);

  static ResumingRun of(TrainingConfig config) {
    return new ResumingRun(config, null, -1, false);
  }

  ResumingRun failingAt(long step) {
    return new ResumingRun(config, validation, step, processes);
  }

  /** Rows that differ from step to step, of several documents, with weights. */
  private record Rows(long failAt) implements MicrobatchSource {
    private static final long NUM_ROWS = 20;

    @Override
    public TokenBatch read(long step, int firstRow, int rows) {
      if (step == failAt) {
        throw new IllegalStateException("The disk of the rows is gone.");
      }
      int length = TestingRun.LENGTH;
      int[] ids = new int[rows * length];
      float[] weights = new float[rows];
      BitSet starts = new BitSet();
      for (int i = 0; i < ids.length; i++) {
        long row = (step * TestingRun.ROWS + firstRow + i / length) % NUM_ROWS;
        ids[i] = (int) ((row * 31 + i % length * (row % 5 + 2)) % 97);
        weights[i / length] = 0.5f + row % 3;
        starts.set(i, i % length == 0 || i % length == row % 7 + 3);
      }
      return new TokenBatch(rows, length, ids, ids)
          .withRowWeights(weights)
          .withDocumentStarts(starts);
    }

    @Override
    public boolean weighted() {
      return true;
    }

    @Override
    public long numRows() {
      return NUM_ROWS;
    }

    @Override
    public void close() {}
  }

  RunIdentity identity() {
    return new RunIdentity(
        "run", ResumeRules.decisive(config, validation), ResumeRules.free(config));
  }

  /** Trains from the first step. */
  List<RankResult> train(Folder checkpoints) {
    return train(checkpoints, "first", null);
  }

  /** Goes on from the first of these checkpoints that is whole. */
  List<RankResult> resume(Folder checkpoints, Folder from, Long... steps) {
    return train(checkpoints, "second", new CheckpointInputs.Resume(from, Arrays.asList(steps)));
  }

  List<RankResult> train(
      Folder checkpoints, String attempt, CheckpointInputs.@Nullable Resume resume) {
    return train(new CheckpointInputs(checkpoints, attempt, identity(), 0, RETENTION, resume));
  }

  List<RankResult> train(CheckpointInputs checkpoints) {
    return train(checkpoints, report -> {});
  }

  List<RankResult> train(CheckpointInputs checkpoints, TrainingListener listener) {
    return train(checkpoints, listener, trainers -> {});
  }

  /** Asks the last rank to end the run as soon as something is so. */
  List<RankResult> trainUntil(CheckpointInputs checkpoints, BooleanSupplier ends) {
    AtomicReference<RankTrainer> last = new AtomicReference<>();
    return train(
        checkpoints,
        report -> {
          if (ends.getAsBoolean()) {
            last.get().requestStop();
          }
        },
        trainers -> last.set(trainers.get(trainers.size() - 1)));
  }

  private List<RankResult> train(
      CheckpointInputs checkpoints,
      TrainingListener listener,
      Consumer<List<RankTrainer>> onTrainers) {
    int size = config.parallel().worldSize();
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<RankTrainer> trainers = new ArrayList<>();
      for (LoopbackRendezvous rendezvous : LoopbackRendezvous.create(size)) {
        RankInputs inputs =
            new RankInputs(
                new Rows(failAt),
                null,
                null,
                listener,
                1,
                Duration.ofSeconds(30),
                validation,
                validation == null ? null : new Rows(-1),
                1,
                checkpoints);
        String jvm = processes ? "jvm " + rendezvous.rank() : "this";
        RankAddress address = new RankAddress("127.0.0.1", jvm, "cpu");
        trainers.add(new RankTrainer(config, rendezvous, address, inputs));
      }
      onTrainers.accept(trainers);
      List<Future<RankResult>> running =
          trainers.stream().map(trainer -> threads.submit(trainer::train)).toList();
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

  static List<Double> losses(List<RankResult> ranks) {
    return ranks.stream().flatMap(rank -> rank.steps().stream()).map(StepReport::loss).toList();
  }

  /** Every tensor of a checkpoint, whole, by kind and name. */
  static Map<String, float[]> state(Folder checkpoints, long step) throws IOException {
    CheckpointFolder folder = new CheckpointFolder(checkpoints);
    CheckpointManifest manifest = folder.read(step);
    Map<String, float[]> state = new TreeMap<>();
    try (TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      for (StoredFile file : manifest.files()) {
        for (StoredSlice stored : file.slices()) {
          TensorSlice whole = TensorSlice.whole(stored.slice().tensor(), stored.slice().shape());
          String name = stored.kind() + " " + whole.tensor();
          if (!stored.kind().equals(StepTable.KIND) && !state.containsKey(name)) {
            try (Tensor values = torch.zeros(new long[] {whole.numel()}, options)) {
              folder.read(manifest, List.of(new StateSlice(stored.kind(), whole, values)));
              state.put(name, HostTensors.toFloats(values));
            }
          }
        }
      }
    }
    return state;
  }
}
