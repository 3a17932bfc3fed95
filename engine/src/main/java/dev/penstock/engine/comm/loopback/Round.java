package dev.penstock.engine.comm.loopback;

import dev.penstock.engine.comm.RankGroup;
import dev.penstock.engine.comm.TransportException;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One collective operation under way. Guarded by the hub's lock, except in {@link #run}. */
final class Round {
  private final RankGroup group;
  private final SortedMap<Integer, Tensor> tensors = new TreeMap<>();
  private volatile boolean done;
  private @Nullable RuntimeException failure;

  Round(RankGroup group) {
    this.group = group;
  }

  void arrive(int rank, Tensor tensor) {
    tensors.put(rank, tensor);
  }

  boolean full() {
    return tensors.size() == group.ranks().size();
  }

  boolean done() {
    return done;
  }

  /** Combines the tensors of all ranks, lowest rank first, and frees the handles. */
  void run(Consumer<List<Tensor>> combine) {
    try {
      combine.accept(List.copyOf(tensors.values()));
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      close();
      done = true;
    }
  }

  /** One rank gave up before all came: the others shall not wait for it. */
  void breakUp(RuntimeException cause) {
    if (!full()) {
      failure = cause;
      done = true;
    }
  }

  void checkSucceeded(int rank, String awaited) {
    if (failure != null) {
      throw new TransportException(
          String.format(
              Locale.ROOT, "Rank %d failed in %s: %s", rank, awaited, failure.getMessage()),
          failure);
    }
  }

  void close() {
    tensors.values().forEach(Tensor::close);
    tensors.clear();
  }
}
