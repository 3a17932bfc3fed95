package dev.penstock.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an update of a folder is on every kind of storage, wherever its process dies. */
public abstract class FolderUpdateContract {
  private static final List<String> WHOLE = List.of("config.json", "adapter_config.json");
  private static final List<String> OBSOLETE = List.of("old.bin", "sub/plot.png", "weights.bin");

  private static final Map<String, String> OLD =
      Map.of(
          "config.json", "old config",
          "weights.bin", "old weights",
          "old.bin", "old",
          "sub/plot.png", "old plot",
          "thesis.txt", "not ours");

  private static final Map<String, String> NEW =
      Map.of(
          "config.json", "new",
          "weights.bin", "new",
          "sub/more.txt", "new",
          "thesis.txt", "not ours");

  private Lease lease;

  /** A folder of this test, the same at every call, that does not exist at first. */
  protected abstract Folder folder() throws IOException;

  @BeforeEach
  void fill() throws IOException {
    for (Map.Entry<String, String> file : OLD.entrySet()) {
      folder().write(file.getKey(), file.getValue().getBytes(UTF_8));
    }
    lease = Lease.take(folder().folder("lease"), LeaseHolder.now("test", 1), wait -> {});
  }

  @AfterEach
  void giveBack() throws IOException {
    lease.close();
  }

  @Test
  void folderIsAsItWasUntilThePublishing() throws IOException {
    FolderUpdate update = written(folder());
    update.scratch().write("shards/1", new byte[1]);
    assertThat(contents(false)).isEqualTo(OLD);
    update.commit(WHOLE, OBSOLETE);
    assertThat(contents(false)).isEqualTo(OLD);
    update.publish();
    assertThat(contents(true)).isEqualTo(NEW);
    assertThat(folder().folders()).containsExactly("lease", "sub");
  }

  @Test
  void folderOfWhichEveryFileGoesAwayGoesToo() throws IOException {
    folder().write("timeline/trace.json", new byte[1]);
    FolderUpdate update = written(folder());
    update.commit(WHOLE, List.of("timeline/trace.json"));
    update.publish();
    assertThat(folder().folders()).doesNotContain("timeline");
  }

  @Test
  void abandonedUpdateLeavesTheOldFiles() throws IOException {
    FolderUpdate update = written(folder());
    update.announce(List.of("model-7.bin"));
    folder().write("model-7.bin", new byte[1]);
    update.abandon();
    assertThat(contents(true)).isEqualTo(OLD);
  }

  @Test
  void filesWrittenInPlaceComeWithTheRest() throws IOException {
    FolderUpdate update = written(folder());
    update.announce(List.of("model-7.bin"));
    assertThatThrownBy(() -> update.commit(WHOLE, OBSOLETE)).hasMessageContaining("model-7.bin");
    folder().write("model-7.bin", "7".getBytes(UTF_8));
    update.commit(WHOLE, OBSOLETE);
    update.publish();
    Map<String, String> expected = new TreeMap<>(NEW);
    expected.put("model-7.bin", "7");
    assertThat(contents(true)).isEqualTo(expected);
    assertThatThrownBy(() -> written(folder()).announce(List.of("thesis.txt")))
        .hasMessageContaining("thesis.txt exists");
  }

  /** Every operation of the update in turn is the one at which its process dies. */
  @Test
  void deathAtAnyMomentLeavesTheOldOrTheNewFiles() throws IOException {
    Map<String, String> expected = new TreeMap<>(NEW);
    expected.put("model-7.bin", "7");
    int committed = 0;
    int removed = 0;
    boolean died = true;
    for (int operations = 0; died; operations++) {
      folder().deleteAll();
      for (Map.Entry<String, String> file : OLD.entrySet()) {
        folder().write(file.getKey(), file.getValue().getBytes(UTF_8));
      }
      died = dies(operations);
      if (!died) {
        break;
      }
      for (FolderUpdate.Recovered each : FolderUpdate.recover(folder(), lease)) {
        committed += each.completed() ? 1 : 0;
        removed += each.completed() ? 0 : 1;
      }
      assertThat(contents(true)).as("after %d operations", operations).isIn(OLD, expected);
    }
    assertThat(contents(true)).isEqualTo(expected);
    assertThat(committed).isGreaterThan(5);
    assertThat(removed).isGreaterThan(2);
  }

  private boolean dies(int operations) throws IOException {
    try {
      Folder dying = FaultyFolder.dyingAfter(folder(), operations);
      FolderUpdate update = written(dying);
      update.announce(List.of("model-7.bin"));
      dying.write("model-7.bin", "7".getBytes(UTF_8));
      update.commit(WHOLE, OBSOLETE);
      update.publish();
      return false;
    } catch (FaultyFolder.Death e) {
      return true;
    }
  }

  @Test
  void foldersOfOthersAreLeftAlone() throws IOException {
    folder().write("_run-mine/photo.jpg", new byte[1]);
    FolderUpdate alive = FolderUpdate.begin(folder(), "alive");
    FolderUpdate.begin(folder(), "dead");
    try (Lease other = Lease.take(alive.folder(), LeaseHolder.now("other", 1), wait -> {})) {
      assertThat(FolderUpdate.recover(folder(), lease))
          .containsExactly(new FolderUpdate.Recovered(folder().location() + "/_run-dead", false));
      other.check();
    }
    assertThat(folder().folders()).contains("_run-mine", "_run-alive").doesNotContain("_run-dead");
  }

  @Test
  void damagedListIsRefused() throws IOException {
    FolderUpdate update = written(folder());
    update.commit(WHOLE, OBSOLETE);
    update.folder().write("commit", "penstock-update 1\nPUT x config.json\nend\n".getBytes(UTF_8));
    assertThatThrownBy(update::publish).hasMessageContaining("_run-7/commit is damaged");
    update.folder().write("commit", "penstock-update 1\nPUT 3 ../a\nend\n".getBytes(UTF_8));
    assertThatThrownBy(update::publish).hasMessageContaining("_run-7/commit is damaged");
    update.folder().write("commit", "penstock-update 1\n".getBytes(UTF_8));
    assertThatThrownBy(update::publish).hasMessageContaining("_run-7/commit is damaged");
    assertThat(contents(false)).isEqualTo(OLD);
  }

  private static FolderUpdate written(Folder folder) throws IOException {
    FolderUpdate update = FolderUpdate.begin(folder, "7");
    for (String name : List.of("config.json", "weights.bin", "sub/more.txt")) {
      update.files().write(name, "new".getBytes(UTF_8));
    }
    return update;
  }

  /** Names and texts of all files but the lease and, unless {@code all}, those of updates. */
  private Map<String, String> contents(boolean all) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    for (String name : folder().listAll()) {
      if (!name.startsWith("lease/") && (all || !name.startsWith("_run-"))) {
        contents.put(name, new String(folder().read(name, 100), UTF_8));
      }
    }
    return contents;
  }
}
