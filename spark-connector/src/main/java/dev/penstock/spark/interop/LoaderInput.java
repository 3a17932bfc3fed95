package dev.penstock.spark.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;

/**
 * Finds classes where the type that is read was loaded: jars of a session are in a loader of their
 * own.
 */
final class LoaderInput extends ObjectInputStream {
  private final ClassLoader loader;

  LoaderInput(InputStream in, ClassLoader loader) throws IOException {
    super(in);
    this.loader = loader;
  }

  @Override
  protected Class<?> resolveClass(ObjectStreamClass type)
      throws IOException, ClassNotFoundException {
    try {
      return Class.forName(type.getName(), false, loader);
    } catch (ClassNotFoundException e) {
      return super.resolveClass(type); // primitive types
    }
  }
}
