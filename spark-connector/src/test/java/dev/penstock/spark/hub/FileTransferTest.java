package dev.penstock.spark.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.storage.FileOutput;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What drivers that died left of a file is gone on from, if it is of the same content. */
@Timeout(120)
class FileTransferTest extends HubModelsFixture {
  private static final int BEGUN = 300_000;

  private final AtomicLong came = new AtomicLong();

  /** As a process that was killed leaves it. */
  private void leave(CachedModel model, RemoteFile file, byte[] bytes) throws IOException {
    CachedModel.Place place = model.place(hub.commit(ID), file);
    try (FileOutput out = place.folder().create(place.name())) {
      out.write(bytes);
      out.leave();
    }
  }

  private CachedModel model(boolean linked) {
    Path path = folder.resolve("model");
    return linked
        ? new LinkedModel(() -> new LocalFolder(path), path)
        : new CachedModel(() -> new LocalFolder(path));
  }

  private static RemoteFile file(byte[] content) {
    return new RemoteFile(ONE, OptionalLong.of(content.length), TestHub.sha256(content));
  }

  private void transfer(CachedModel model, RemoteFile file, HubHttp.Pause pause)
      throws IOException {
    HubSettings settings = HubSettings.read(environment::get);
    HubHttp http = new HubHttp(settings, pause);
    HubName pinned = NAME.at(hub.commit(ID));
    new FileTransfer(new HubClient(settings, http), http, pinned, file, came::addAndGet)
        .into(model);
  }

  private List<String> ranges() {
    return hub.requests().stream()
        .filter(TestHub.Request::ofStorage)
        .map(request -> Objects.requireNonNullElse(request.range(), "all"))
        .toList();
  }

  private void assertWhole(CachedModel model, byte[] content) throws IOException {
    assertThat(folder.resolve("model/snapshots/" + hub.commit(ID) + "/" + ONE))
        .hasBinaryContent(content);
    CachedModel.Place place = model.place(hub.commit(ID), file(content));
    assertThat(place.folder().unfinished(place.name())).isEmpty();
    assertThat(came).hasValue(SIZE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void mostOfWhatIsLeftIsTakenOver(boolean linked) throws IOException {
    byte[] content = content(1);
    CachedModel model = model(linked);
    leave(model, file(content), Arrays.copyOf(content, BEGUN));
    leave(model, file(content), Arrays.copyOf(content, 10));
    leave(model, file(content), Arrays.copyOf(content, SIZE + 1)); // cannot be of this file
    transfer(model, file(content), waits::add);
    assertThat(ranges()).containsExactly("bytes=" + BEGUN + "-");
    assertWhole(model, content);
  }

  @Test
  void wholeFileThatWasNotCommittedIsNotAskedFor() throws IOException {
    byte[] content = content(1);
    leave(model(true), file(content), content);
    transfer(model(true), file(content), waits::add);
    assertThat(ranges()).isEmpty();
    assertWhole(model(true), content);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fileThatChangedBeginsAnew(boolean linked) throws IOException {
    byte[] older = content(1);
    byte[] newer = content(3);
    leave(model(linked), file(older), Arrays.copyOf(older, BEGUN));
    hub.put(ID, ONE, newer);
    transfer(model(linked), file(newer), waits::add);
    assertThat(ranges()).containsExactly("all");
    assertWhole(model(linked), newer);
  }

  @Test
  void damagedRestIsNotGoneOnFromTwice() throws IOException {
    byte[] content = content(1);
    leave(model(true), file(content), new byte[BEGUN]);
    transfer(model(true), file(content), waits::add);
    assertThat(ranges()).containsExactly("bytes=" + BEGUN + "-", "all");
    assertWhole(model(true), content);
  }

  /** Nobody can tell a driver that died from one that waits for a busy hub. */
  @Test
  void driverWhoseWorkAnotherOneEndedFindsTheFile() throws IOException {
    byte[] content = content(1);
    hub.fault("/name/" + ONE, HubFault.cut(400_000));
    transfer(
        model(true),
        file(content),
        wait -> {
          came.set(0);
          try {
            transfer(model(true), file(content), waits::add);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          came.set(SIZE - (SIZE - 400_000));
        });
    assertThat(ranges()).containsExactly("all", "bytes=400000-", "bytes=400000-");
    assertWhole(model(true), content);
    assertThat(
            Files.isSymbolicLink(folder.resolve("model/snapshots/" + hub.commit(ID) + "/" + ONE)))
        .isTrue();
  }
}
