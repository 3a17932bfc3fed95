package dev.penstock.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFolderTest extends FolderContract {
  private static final int WRITES = 200;

  @TempDir Path temp;

  @Override
  protected Folder folder() {
    return new LocalFolder(temp.resolve("folder"));
  }

  @Test
  void unfinishedFileIsRemoved() throws IOException {
    try (FileOutput out = folder().create("a")) {
      out.write(1);
      assertThat(temp.resolve("folder")).isDirectoryContaining("glob:**.unfinished");
    }
    assertThat(temp.resolve("folder")).isEmptyDirectory();
  }

  @Test
  void listIsTakenWhileOthersWrite() throws Exception {
    folder().write("stays", new byte[1]);
    CompletableFuture<Void> others =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i < WRITES; i++) {
                  folder().write("sub/a", new byte[1]);
                  folder().folder("sub").deleteAll();
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    while (!others.isDone()) {
      assertThat(folder().listAll()).contains("stays");
    }
    others.get();
  }

  @Test
  void folderThatWasEmptyIsNoMore() throws IOException {
    folder().write("sub/a", new byte[1]);
    folder().delete("sub/a");
    folder().folder("sub").deleteIfEmpty();
    assertThat(temp.resolve("folder")).isEmptyDirectory();
  }
}
