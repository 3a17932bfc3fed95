package dev.penstock.engine.torch;

import dev.penstock.storage.NativeFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.Loader;

/**
 * Loads native libraries, one process of a host at a time.
 *
 * <p>JavaCPP unpacks them from their jars into a folder that all processes of a user share, see
 * {@link NativeFolders}. The first to come fills it; processes that started together would load
 * each other's half-written files.
 *
 * <p>Of several class loaders of a process, such as those of Spark sessions that add jars, each
 * gets a copy of the small libraries that know Java, which JavaCPP makes; libtorch and what else
 * they call is there once.
 */
public final class NativeLibraries {
  private static final String LOCK = ".penstock.lock";

  private NativeLibraries() {}

  /**
   * Loads the libraries of some presets, in order. Cheap when they are loaded already.
   *
   * @throws UnsatisfiedLinkError if the natives of this platform are not on the class path
   */
  public static void load(Class<?>... presets) {
    NativeFolders.prepare();
    synchronized (NativeFolders.processLock()) {
      loadAlone(presets);
    }
  }

  private static void loadAlone(Class<?>... presets) {
    try (FileChannel file = openLock();
        FileLock lock = file.lock()) {
      for (Class<?> preset : presets) {
        Loader.load(preset);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Native libraries cannot be unpacked: %s. Set -Dorg.bytedeco.javacpp.cachedir to a folder that can be written."
              .formatted(e.getMessage()),
          e);
    }
  }

  private static FileChannel openLock() throws IOException {
    Path cache = Loader.getCacheDir().toPath();
    return FileChannel.open(
        cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }
}
