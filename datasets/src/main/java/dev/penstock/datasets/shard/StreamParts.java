package dev.penstock.datasets.shard;

import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Reads the parts of a stream's windows that a replica needs. Used by the loader's thread. */
final class StreamParts implements WindowSource {
  private final Folder store;
  private final StreamFormat format;
  private final StreamWindows windows;
  private final LongPredicate positions;
  private @Nullable StreamWindow open;
  private @Nullable ShardedSequences sequences;

  /**
   * @param positions which sequences of the stream are read
   */
  StreamParts(Folder store, StreamFormat format, StreamWindows windows, LongPredicate positions) {
    this.store = store;
    this.format = format;
    this.windows = windows;
    this.positions = positions;
  }

  /** Windows come in their order; of one without sequences there is nothing to read. */
  @Override
  public @Nullable LoadedWindow read(long key) throws IOException, InterruptedException {
    int number = StreamWindow.windowOf(key);
    StreamWindow window = open;
    if (window == null || window.number() != number) {
      close();
      window = windows.get(number);
      open = window;
      sequences = new ShardedSequences(store, window.shards(), format.format());
    }
    if (window.order() == null || sequences == null) {
      return null;
    }
    long first = window.first();
    return sequences.load(
        window.order().part(StreamWindow.partOf(key), at -> positions.test(first + at)));
  }

  @Override
  public void close() throws IOException {
    ShardedSequences opened = sequences;
    sequences = null;
    if (opened != null) {
      opened.close();
    }
  }
}
