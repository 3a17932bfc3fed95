package dev.penstock.examples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The program dd on a file: the speed that the disk itself has. */
record DiskCopy(Path file, Path copy) {
  /** Copies the file, which the page cache holds, until the disk has it. */
  void write() throws IOException {
    dd("if=" + file, "of=" + copy, "conv=fdatasync");
  }

  void read() throws IOException {
    dd("if=" + file, "of=/dev/null");
  }

  /** Tells the page cache to forget the file. That needs no rights, and the cache may refuse. */
  void forget() throws IOException {
    dd("if=" + file, "of=/dev/null", "iflag=nocache", "count=0");
  }

  private static void dd(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("dd", "bs=8M", "status=none"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).inheritIO().start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s ended with exit code %d.",
                String.join(" ", command),
                process.exitValue()));
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while dd ran.", e);
    }
  }
}
