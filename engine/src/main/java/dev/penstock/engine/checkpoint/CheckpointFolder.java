package dev.penstock.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.penstock.storage.Folder;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a run in one folder: {@code step-00000100/manifest.json} and beside it the
 * ranks' files. Each attempt names its files for itself, so one that still writes after it was
 * given up harms nothing. Used by one thread at a time.
 */
public final class CheckpointFolder {
  private static final String MANIFEST = "manifest.json";
  private static final Pattern STEP_FOLDER = Pattern.compile("step-(\\d{8,18})");
  private static final Pattern MANIFEST_FILE = Pattern.compile("step-(\\d{8,18})/" + MANIFEST);

  private final Folder folder;

  /** The folder need not exist yet. */
  public CheckpointFolder(Folder folder) {
    this.folder = requireNonNull(folder, "folder is null");
  }

  /** The folder, as a user would name it. */
  public String location() {
    return folder.location();
  }

  /** Name of the folder of a checkpoint in this one. */
  public static String nameOf(long step) {
    return String.format(Locale.ROOT, "step-%08d", step);
  }

  private static String pathOf(long step) {
    return nameOf(step) + "/";
  }

  /** Steps of the checkpoints that were committed, newest first. */
  public List<Long> steps() throws IOException {
    TreeSet<Long> steps = new TreeSet<>(Comparator.reverseOrder());
    for (String name : folder.listAll()) {
      stepOf(MANIFEST_FILE, name).ifPresent(steps::add);
    }
    return List.copyOf(steps);
  }

  private static Optional<Long> stepOf(Pattern pattern, String name) {
    Matcher matcher = pattern.matcher(name);
    return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
  }

  /**
   * The manifest of a checkpoint.
   *
   * @throws CheckpointException if it is damaged or of another version
   */
  public CheckpointManifest read(long step) throws IOException {
    String name = pathOf(step) + MANIFEST;
    CheckpointManifest manifest = SealedJson.read(folder, name, CheckpointManifest.class);
    if (manifest.point().step() != step) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s/%s is that of step %d: it was moved.",
              folder.location(),
              name,
              manifest.point().step()));
    }
    return manifest;
  }

  /**
   * Fills the tensors of the slices from a checkpoint.
   *
   * @throws CheckpointException if it is damaged, or does not have what is wanted
   */
  public void read(CheckpointManifest manifest, List<StateSlice> wanted) throws IOException {
    reader(manifest).read(wanted);
  }

  /** The numbers of every step that a checkpoint has, if any. */
  public Optional<StepTable> readSteps(CheckpointManifest manifest) throws IOException {
    return reader(manifest).readSteps();
  }

  /**
   * Reads every byte of a checkpoint.
   *
   * @throws CheckpointException if one is not as it was written
   */
  public void verify(CheckpointManifest manifest) throws IOException {
    reader(manifest).verify();
  }

  private StateReader reader(CheckpointManifest manifest) {
    return new StateReader(folder, pathOf(manifest.point().step()), manifest);
  }

  Folder folder() {
    return folder;
  }

  /** Where a rank of an attempt writes, without ending. */
  static String fileOf(String attempt, int rank) {
    return String.format(Locale.ROOT, "rank-%05d.%s", rank, attempt);
  }

  static String pathOf(long step, String file) {
    return pathOf(step) + file;
  }

  /** Where a rank says what it has written, until the manifest does. */
  private static String noteOf(long step, String attempt, int rank) {
    return pathOf(step) + fileOf(attempt, rank) + ".json";
  }

  void writeNote(long step, String attempt, int rank, StoredFile written) throws IOException {
    folder.write(noteOf(step, attempt, rank), SealedJson.write(written));
  }

  /**
   * Makes a checkpoint of what the ranks have written.
   *
   * @return the manifest, which is in the folder now
   * @throws CheckpointException if the files do not make a whole; nothing is committed then
   */
  CheckpointManifest commit(String attempt, int ranks, RunIdentity identity, RunPoint point)
      throws IOException {
    long step = point.step();
    List<StoredFile> files = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      StoredFile file = SealedJson.read(folder, noteOf(step, attempt, rank), StoredFile.class);
      long length = folder.length(pathOf(step, file.name()));
      if (length != file.bytes()) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s/%s has %d bytes, but %d were written.",
                folder.location(),
                pathOf(step, file.name()),
                length,
                file.bytes()));
      }
      files.add(file);
    }
    String now = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    CheckpointManifest manifest =
        new CheckpointManifest(CheckpointManifest.FORMAT, now, identity, point, files);
    folder.write(pathOf(step) + MANIFEST, SealedJson.write(manifest));
    for (int rank = 0; rank < ranks; rank++) {
      folder.delete(noteOf(step, attempt, rank));
    }
    return manifest;
  }

  /**
   * Removes what a newer checkpoint has made superfluous: all but the newest and maybe the best,
   * what dead attempts left of checkpoints that never were, and checkpoints of later steps, which
   * were passed over when this run went on from before them.
   *
   * @param newest the checkpoint that was just committed
   * @param attempt that made it, whose ranks may be writing the next one already
   */
  void prune(CheckpointManifest newest, String attempt, Retention retention) throws IOException {
    long current = newest.point().step();
    List<String> names = folder.listAll();
    TreeSet<Long> complete = new TreeSet<>(Comparator.reverseOrder());
    for (String name : names) {
      stepOf(MANIFEST_FILE, name).filter(step -> step <= current).ifPresent(complete::add);
    }
    TreeSet<Long> kept = new TreeSet<>(complete.stream().limit(retention.keep()).toList());
    kept.add(current);
    if (retention.keepBest()) {
      newest.point().validations().stream()
          .filter(validation -> complete.contains(validation.step()))
          .min(Comparator.comparingDouble(ValidationPoint::loss))
          .ifPresent(best -> kept.add(best.step()));
    }
    // A manifest goes before its files, so that what remains is never taken for a checkpoint.
    for (String name : names) {
      if (stepOf(MANIFEST_FILE, name).filter(step -> !kept.contains(step)).isPresent()) {
        folder.delete(name);
      }
    }
    for (String name : folder.folders()) {
      Optional<Long> step = stepOf(STEP_FOLDER, name).filter(of -> !kept.contains(of));
      if (step.isPresent()) {
        clear(folder.folder(name), step.get() > current ? attempt : null);
      }
    }
  }

  /**
   * Empties the folder of a step. Where nobody writes any more, what a process left unfinished when
   * it died goes too, which no list names.
   *
   * @param writing the attempt that may be writing there; null: none is
   */
  private static void clear(Folder step, @Nullable String writing) throws IOException {
    if (writing == null) {
      step.deleteAll();
      return;
    }
    for (String name : step.list()) {
      if (!name.contains("." + writing + ".")) {
        step.delete(name);
      }
    }
  }
}
