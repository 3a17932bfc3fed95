package dev.penstock.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the native libraries of this process are unpacked: into folders that nobody else can write,
 * for whoever can replace a library runs in the process. Left to themselves, the libraries unpack
 * below the user's home or, where there is none, into folders that all users of a host share.
 */
public final class NativeFolders {
  /** System property: the folder in which each user gets one of its own. */
  public static final String FOLDER = "penstock.nativesDir";

  private static final String TENSORS = "org.bytedeco.javacpp.cachedir";
  private static final String TOKENIZER = "DJL_CACHE_DIR";
  private static final String NAME = "penstock-natives-";

  /**
   * System property: set once a class loader of this process has loaded the tokenizer's library.
   */
  private static final String TAKEN = "penstock.tokenizerLoaded";

  /** A constant is one object for all class loaders. */
  private static final String PROCESS = "dev.penstock.storage.NativeFolders";

  private static boolean prepared;

  private NativeFolders() {}

  /**
   * Tells the libraries of this process where to unpack, unless the user told them; before the
   * first is loaded.
   *
   * @throws UncheckedIOException if there is no folder that can be used
   */
  public static synchronized void prepare() {
    if (prepared) {
      return;
    }
    try {
      String wanted = System.getProperty(FOLDER);
      Path shared = Path.of(System.getProperty("java.io.tmpdir"));
      tell(TENSORS, choose(wanted, ".javacpp/cache", shared));
      if (System.getenv(TOKENIZER) == null) {
        tell(TOKENIZER, choose(wanted, ".djl.ai", shared));
      }
      prepared = true;
    } catch (IOException | InvalidPathException e) {
      throw new UncheckedIOException(
          ("Native libraries cannot be unpacked: %s. Set spark.penstock.nativesDir (outside of"
                  + " Spark: -D%s) to a folder that the user can write on every host.")
              .formatted(e.getMessage(), FOLDER),
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  /**
   * What to hold while a library is loaded: one object for the whole process. Jars that a Spark
   * session adds have a class loader of their own, and with it statics of their own.
   */
  public static Object processLock() {
    return PROCESS;
  }

  /**
   * Loads the tokenizer's library. A JVM takes a library's file for one class loader only, so each
   * further one loads a copy, which is deleted as soon as it is loaded.
   *
   * @param load unpacks and loads it for its class loader; called once for each
   * @throws UncheckedIOException if there is no folder for the copy
   */
  public static void loadTokenizer(Runnable load) {
    prepare();
    synchronized (processLock()) {
      if (System.setProperty(TAKEN, "true") == null || System.getenv(TOKENIZER) != null) {
        load.run();
        return;
      }
      String shared = System.getProperty(TOKENIZER);
      try {
        Path copy = Files.createTempDirectory(Files.createDirectories(Path.of(shared)), "copy-");
        System.setProperty(TOKENIZER, copy.toString());
        try {
          load.run();
        } finally {
          delete(copy);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "There is no room below %s for a copy of the tokenizer's library, which the jars of each Spark session need: %s"
                .formatted(shared, e.getMessage()),
            e);
      } finally {
        System.setProperty(TOKENIZER, shared);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Where the tokenizer's library is unpacked. */
  public static String tokenizer() {
    String environment = System.getenv(TOKENIZER);
    return environment == null ? System.getProperty(TOKENIZER, "~/.djl.ai") : environment;
  }

  private static void tell(String property, Path folder) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, folder.toString());
    }
  }

  private static Path choose(@Nullable String wanted, String name, Path shared) throws IOException {
    return choose(wanted, name, shared, System::getProperty);
  }

  /**
   * The folder of a library.
   *
   * @param wanted what the user set, or null
   * @param name its place below the home
   * @param shared where all users may write
   */
  static Path choose(
      @Nullable String wanted, String name, Path shared, UnaryOperator<@Nullable String> properties)
      throws IOException {
    if (wanted != null && !wanted.isBlank()) {
      return PrivateFolder.open(Path.of(wanted).resolve(NAME + PrivateFolder.user())).below(name);
    }
    String home = properties.apply("user.home");
    if (home != null && !home.isBlank() && PrivateFolder.isOwn(Path.of(home))) {
      try {
        return PrivateFolder.home(Path.of(home)).below(name);
      } catch (IOException e) {
        // Somebody else's, or of a mode that others can write: not here then.
      }
    }
    Path own = shared.resolve(NAME + PrivateFolder.user());
    try {
      return PrivateFolder.open(own).below(name);
    } catch (IOException e) {
      // Somebody took the name: a folder for this process alone.
      return PrivateFolder.open(Files.createTempDirectory(shared, NAME)).below(name);
    }
  }
}
