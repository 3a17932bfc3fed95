package dev.penstock.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFolderTest extends FolderContract {
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
  void folderThatWasEmptyIsNoMore() throws IOException {
    folder().write("sub/a", new byte[1]);
    folder().delete("sub/a");
    folder().folder("sub").deleteIfEmpty();
    assertThat(temp.resolve("folder")).isEmptyDirectory();
  }
}
