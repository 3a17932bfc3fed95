package dev.penstock.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Looks at the checkpoints of a fit that is running. */
final class TestCheckpoints {
  private TestCheckpoints() {}

  /** Whether one of them is whole. */
  static boolean isCommitted(Path checkpoints) throws IOException {
    if (!Files.isDirectory(checkpoints)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(checkpoints)) {
      return files.anyMatch(file -> file.toString().matches(".*/step-\\d+/manifest\\.json"));
    } catch (UncheckedIOException e) {
      return false; // older checkpoints are removed meanwhile
    }
  }
}
