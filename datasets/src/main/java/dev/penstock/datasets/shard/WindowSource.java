package dev.penstock.datasets.shard;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads windows for a {@link WindowLoader}, on its thread. */
interface WindowSource extends AutoCloseable {
  /** What is read of a window; may wait for data. Null: nothing, and nobody will ask for it. */
  @Nullable LoadedWindow read(long window) throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
