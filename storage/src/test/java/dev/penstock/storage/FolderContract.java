package dev.penstock.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Folder} does. An implementation's test extends this. */
public abstract class FolderContract {
  private static final long SEED = 7;
  private static final int LARGE = 3_000_000;

  /** A folder of this test, the same at every call, that does not exist at first. */
  protected abstract Folder folder() throws IOException;

  @Test
  void writtenFileIsReadBack() throws IOException {
    byte[] bytes = new byte[LARGE];
    new Random(SEED).nextBytes(bytes);
    try (FileOutput out = folder().create("weights.bin")) {
      out.write(bytes[0]);
      out.write(bytes, 1, 10);
      out.write(bytes, 11, LARGE - 11);
      out.commit();
    }

    assertThat(folder().exists("weights.bin")).isTrue();
    assertThat(folder().length("weights.bin")).isEqualTo(LARGE);
    assertThat(read("weights.bin", 0, LARGE)).isEqualTo(bytes);
  }

  @Test
  void fileIsReadAtAnyPosition() throws IOException {
    write("a", "0123456789");
    try (SeekableByteChannel channel = folder().open("a");
        SeekableByteChannel other = folder().open("a")) {
      assertThat(channel.size()).isEqualTo(10);
      assertThat(readAt(channel, 7, 3)).isEqualTo("789");
      assertThat(readAt(other, 0, 2)).isEqualTo("01");
      assertThat(readAt(channel, 2, 3)).isEqualTo("234");
      assertThat(channel.position()).isEqualTo(5);
      channel.position(10);
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void emptyFileExists() throws IOException {
    write("empty", "");
    assertThat(folder().exists("empty")).isTrue();
    assertThat(folder().length("empty")).isZero();
  }

  @Test
  void creatingReplaces() throws IOException {
    write("a", "a long first version");
    write("a", "second");
    assertThat(new String(read("a", 0, 6), StandardCharsets.UTF_8)).isEqualTo("second");
    assertThat(folder().length("a")).isEqualTo(6);
  }

  @Test
  void parentsAreMade() throws IOException {
    write("step-00010/rank-0.bin", "x");
    assertThat(folder().exists("step-00010/rank-0.bin")).isTrue();
    assertThat(folder().exists("step-00010")).isFalse();
  }

  @Test
  void missingFileIsMissing() throws IOException {
    assertThat(folder().exists("none")).isFalse();
    assertThatThrownBy(() -> folder().length("none"))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none")
        .hasMessageContaining(folder().location());
    assertThatThrownBy(() -> folder().open("none").close()).isInstanceOf(IOException.class);
  }

  @Test
  void listHasTheFilesOfTheFolderSorted() throws IOException {
    assertThat(folder().list()).isEmpty();
    write("b", "1");
    write("sub/c", "1");
    write("a", "1");
    assertThat(folder().list()).containsExactly("a", "b");
  }

  @Test
  void listAllHasTheFilesBelowToo() throws IOException {
    assertThat(folder().listAll()).isEmpty();
    write("b", "1");
    write("sub/deeper/c", "1");
    write("sub/a", "1");
    assertThat(folder().listAll()).containsExactly("b", "sub/a", "sub/deeper/c");
  }

  @Test
  void fileIsThereWhenItWasCommitted() throws IOException {
    try (FileOutput out = folder().create("a")) {
      out.write(1);
      assertThat(folder().exists("a")).isFalse();
      assertThat(folder().list()).isEmpty();
      out.commit();
      assertThat(folder().list()).containsExactly("a");
      assertThatThrownBy(out::commit).isInstanceOf(IOException.class);
    }
    assertThat(folder().list()).containsExactly("a");
  }

  @Test
  void fileThatWasNotCommittedLeavesNothing() throws IOException {
    FileOutput out = folder().create("sub/a");
    out.write(new byte[LARGE]);
    out.close();
    out.close();
    assertThat(folder().exists("sub/a")).isFalse();
    assertThat(folder().listAll()).isEmpty();
  }

  @Test
  void fileThatWasNotCommittedLeavesTheOlderOne() throws IOException {
    write("a", "older");
    try (FileOutput out = folder().create("a")) {
      out.write(1);
    }
    assertThat(new String(read("a", 0, 5), StandardCharsets.UTF_8)).isEqualTo("older");
    assertThat(folder().length("a")).isEqualTo(5);
  }

  @Test
  void whatIsWrittenOfAFileStaysWhereItIsLeft() throws IOException {
    assertThat(folder().unfinished("sub/a")).isEmpty();
    write("sub/a.b", "another");
    byte[] bytes = new byte[LARGE];
    new Random(SEED).nextBytes(bytes);
    try (FileOutput out = folder().create("sub/a");
        FileOutput other = folder().create("sub/b")) {
      out.write(bytes);
      other.write(1);
      out.leave();
      assertThatThrownBy(out::commit).isInstanceOf(IOException.class);
    }
    assertThat(folder().exists("sub/a")).isFalse();
    assertThat(folder().listAll()).containsExactly("sub/a.b");
    if (folder().movesCheaply()) {
      String left = folder().unfinished("sub/a").get(0);
      assertThat(folder().unfinished("sub/a")).hasSize(1);
      assertThat(read(left, 0, LARGE)).isEqualTo(bytes);
      folder().delete(left);
    }
    assertThat(folder().unfinished("sub/a")).isEmpty();
  }

  @Test
  void folderIsNotReplacedByAFile() throws IOException {
    write("sub/a", "1");
    assertThatThrownBy(() -> write("sub", "2")).isInstanceOf(IOException.class);
    assertThat(folder().listAll()).containsExactly("sub/a");
  }

  @Test
  void deletedFolderIsGone() throws IOException {
    folder().deleteAll();
    write("a", "1");
    write("sub/b", "1");
    folder().deleteAll();
    assertThat(folder().listAll()).isEmpty();
    write("a", "2");
    assertThat(folder().list()).containsExactly("a");
  }

  @Test
  void deletedFileIsGone() throws IOException {
    folder().delete("a");
    write("a", "1");
    folder().delete("a");
    assertThat(folder().exists("a")).isFalse();
    assertThat(folder().list()).isEmpty();
  }

  @Test
  void folderInAFolderHasItsFiles() throws IOException {
    assertThat(folder().folders()).isEmpty();
    write("a", "1");
    write("sub/deeper/b", "2");
    assertThat(folder().folders()).containsExactly("sub");
    assertThat(folder().folder("sub").listAll()).containsExactly("deeper/b");
    assertThat(folder().folder("sub/deeper").list()).containsExactly("b");
    assertThat(folder().folder("sub").location()).isEqualTo(folder().location() + "/sub");
  }

  @Test
  void movedFileHasItsNewNameAlone() throws IOException {
    write("sub/a", "new");
    write("other/b", "a long old text");
    folder().move("sub/a", "other/b");
    folder().move("other/b", "c");
    assertThat(folder().listAll()).containsExactly("c");
    assertThat(new String(folder().read("c", 3), StandardCharsets.UTF_8)).isEqualTo("new");
    assertThatThrownBy(() -> folder().move("sub/a", "d")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void smallFileIsReadWholeOrNotAtAll() throws IOException {
    write("a", "0123");
    assertThat(folder().read("a", 4)).hasSize(4);
    assertThatThrownBy(() -> folder().read("a", 3)).hasMessageContaining("more than 3 bytes");
    assertThatThrownBy(() -> folder().read("b", 3)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void laterFileIsNotOlder() throws IOException {
    write("a", "1");
    write("b", "1");
    assertThat(folder().modifiedMillis("b")).isGreaterThanOrEqualTo(folder().modifiedMillis("a"));
    assertThatThrownBy(() -> folder().modifiedMillis("c")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void emptyFolderIsRemoved() throws IOException {
    folder().deleteIfEmpty();
    write("sub/a", "1");
    folder().folder("sub").deleteIfEmpty();
    assertThat(folder().listAll()).containsExactly("sub/a");
    folder().delete("sub/a");
    folder().folder("sub").deleteIfEmpty();
    assertThat(folder().folder("sub").list()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "../a", "a/../../b", "/etc/passwd", "a//b", "a/", "a\\b", "c:a"})
  void nameThatLeavesTheFolderIsRefused(String name) {
    assertThatThrownBy(() -> folder().exists(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> folder().length(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> folder().open(name).close())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> folder().create(name).close())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> folder().delete(name)).isInstanceOf(IllegalArgumentException.class);
  }

  private void write(String name, String text) throws IOException {
    folder().write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] read(String name, long position, int length) throws IOException {
    try (SeekableByteChannel channel = folder().open(name)) {
      return bytes(channel, position, length);
    }
  }

  private static String readAt(SeekableByteChannel channel, long position, int length)
      throws IOException {
    return new String(bytes(channel, position, length), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(SeekableByteChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    channel.position(position);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // a channel may return less than asked for
    }
    return buffer.array();
  }
}
