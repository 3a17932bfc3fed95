package dev.penstock.examples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A new folder that goes with all that is in it when it is closed. */
record TempFolder(Path path) implements AutoCloseable {
  /**
   * Makes the folder.
   *
   * @param parent where; null: where the system keeps such folders
   */
  static TempFolder create(@Nullable Path parent) throws IOException {
    return new TempFolder(
        parent == null
            ? Files.createTempDirectory("penstock-bench")
            : Files.createTempDirectory(Files.createDirectories(parent), "penstock-bench"));
  }

  @Override
  public void close() throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(path)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : paths) {
      Files.delete(each);
    }
  }
}
