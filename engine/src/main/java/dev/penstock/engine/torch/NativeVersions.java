package dev.penstock.engine.torch;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/** What native libraries this process has. */
public final class NativeVersions {
  private NativeVersions() {}

  /**
   * Loads the libraries that tensors on CPUs need, and tells their versions and the instructions
   * that torch uses.
   *
   * @throws UnsatisfiedLinkError if the natives of this platform are not on the class path
   */
  public static String load() {
    NativeLibraries.load(torch.class, openblas.class);
    return "pytorch %s, openblas %s, %s"
        .formatted(version("pytorch"), version("openblas"), torch.get_cpu_capability().getString());
  }

  private static String version(String artifact) {
    try {
      return Loader.getVersion("org.bytedeco", artifact);
    } catch (java.io.IOException e) {
      return "of unknown version"; // a jar that was packed anew
    }
  }
}
