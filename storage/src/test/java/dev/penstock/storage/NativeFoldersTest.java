package dev.penstock.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFoldersTest {
  private static final String NAME = ".javacpp/cache";

  @TempDir Path folder;

  private Path home;
  private Path shared;
  private String own;

  @BeforeEach
  void makeFolders() throws IOException {
    home = Files.createDirectory(folder.resolve("home"));
    shared = Files.createDirectory(folder.resolve("shared"));
    own = "penstock-natives-" + PrivateFolder.user();
  }

  private Path choose(String wanted, Path userHome) throws IOException {
    return NativeFolders.choose(
        wanted, NAME, shared, Map.of("user.home", userHome.toString())::get);
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void homeIsTakenWhereThereIsOne() throws IOException {
    Path chosen = choose(null, home);
    assertThat(chosen).isEqualTo(home.resolve(NAME)).isDirectory();
    assertThat(mode(chosen)).isEqualTo("rwx------");
    assertThat(choose(null, home)).isEqualTo(chosen);
  }

  @Test
  void withoutHomeEachUserHasAFolderOfItsOwn() throws IOException {
    Path chosen = choose(null, folder.resolve("none"));
    assertThat(chosen).isEqualTo(shared.resolve(own).resolve(NAME));
    assertThat(mode(shared.resolve(own))).isEqualTo("rwx------");
    assertThat(choose(null, Path.of("?"))).isEqualTo(chosen);
  }

  @Test
  void homeOfSomebodyElseIsNotTaken() throws IOException {
    // /proc/1 belongs to root, and nobody can write there.
    assertThat(choose(null, Path.of("/proc/1"))).startsWithRaw(shared);
  }

  @Test
  void whatOthersCanWriteIsNotTaken() throws IOException {
    mode(Files.createDirectories(home.resolve(".javacpp")), "rwxrwxrwx");
    assertThat(choose(null, home)).startsWithRaw(shared);
  }

  @Test
  void nameThatSomebodyTookIsLeftToThem() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createSymbolicLink(shared.resolve(own), elsewhere);
    Path chosen = choose(null, folder.resolve("none"));
    assertThat(chosen).startsWithRaw(shared);
    assertThat(chosen.toString()).doesNotContain(own + "/");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void folderThatTheUserNamedIsUsedOrRefused() throws IOException {
    Path wanted = folder.resolve("wanted");
    assertThat(choose(wanted.toString(), home)).isEqualTo(wanted.resolve(own).resolve(NAME));
    mode(wanted.resolve(own), "rwxrwx---");
    assertThatThrownBy(() -> choose(wanted.toString(), home))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(own, "can be written by others (rwxrwx---)");
    Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> choose(folder.resolve("file").toString(), home))
        .isInstanceOf(IOException.class);
  }
}
