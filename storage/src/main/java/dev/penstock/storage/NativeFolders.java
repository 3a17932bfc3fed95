package dev.penstock.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
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
