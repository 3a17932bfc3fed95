package dev.penstock.spark.interop;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A stage in a file of the driver, written and read again by the same JVM: how the server of Spark
 * Connect makes room in its memory.
 */
public final class LocalCopy {
  private static final String FILE = "stage";

  private LocalCopy() {}

  /** Writes a stage into a folder, which is made. */
  public static void write(Serializable stage, String folder) throws IOException {
    Files.createDirectories(Path.of(folder));
    try (ObjectOutputStream out =
        new ObjectOutputStream(Files.newOutputStream(Path.of(folder, FILE)))) {
      out.writeObject(stage);
    }
  }

  /** Reads what {@link #write} has written. */
  public static <T> T read(String folder, Class<T> type) {
    try (ObjectInputStream in =
        new LoaderInput(Files.newInputStream(Path.of(folder, FILE)), type.getClassLoader())) {
      return type.cast(in.readObject());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e); // the JVM that wrote it had them all
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
