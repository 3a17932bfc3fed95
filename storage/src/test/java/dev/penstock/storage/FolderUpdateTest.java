package dev.penstock.storage;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FolderUpdateTest extends FolderUpdateContract {
  @TempDir Path temp;

  @Override
  protected Folder folder() {
    return new LocalFolder(temp.resolve("folder"));
  }
}
