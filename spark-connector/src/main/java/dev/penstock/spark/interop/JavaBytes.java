package dev.penstock.spark.interop;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;

/**
 * Task results in Java's own serialization. Spark writes results with the user's {@code
 * spark.serializer}; its Kryo cannot make records, and may ask for every class to be registered.
 */
public final class JavaBytes {
  private JavaBytes() {}

  public static byte[] of(Serializable value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The value of bytes that this application's own tasks made. */
  public static <T extends Serializable> T read(byte[] bytes, Class<T> type) {
    try (ObjectInputStream in =
        new LoaderInput(new ByteArrayInputStream(bytes), type.getClassLoader())) {
      return type.cast(in.readObject());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("The tasks run another version of Penstock.", e);
    }
  }
}
