package dev.penstock.datasets.shard;

import dev.penstock.storage.Folder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A folder that counts the bytes that are read from the shards in it, by whichever thread. */
final class CountedReads {
  private final AtomicLong bytes = new AtomicLong();
  private final Folder folder;

  CountedReads(Folder folder) {
    this.folder =
        watched(
            Folder.class,
            folder,
            "open",
            channel ->
                watched(
                    SeekableByteChannel.class,
                    (SeekableByteChannel) channel,
                    "read",
                    count -> {
                      bytes.addAndGet((int) count);
                      return count;
                    }));
  }

  Folder folder() {
    return folder;
  }

  long bytes() {
    return bytes.get();
  }

  private static <T> T watched(
      Class<T> type, T target, String method, UnaryOperator<Object> result) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              try {
                Object returned = called.invoke(target, arguments);
                return called.getName().equals(method) ? result.apply(returned) : returned;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
