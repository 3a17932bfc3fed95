package dev.penstock.examples;

import dev.penstock.engine.checkpoint.CheckpointException;
import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.CheckpointManifest;
import dev.penstock.engine.checkpoint.StoredFile;
import dev.penstock.engine.checkpoint.StoredSlice;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Says what the checkpoints in a local folder hold, and whether every byte is as it was written.
 */
public final class Inspect {
  private Inspect() {}

  /**
   * Prints it.
   *
   * @param args the folder of checkpoints, or that of one of them
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("usage: Inspect FOLDER");
      System.exit(2);
    }
    Path path = Path.of(args[0]).toAbsolutePath().normalize();
    String name = String.valueOf(path.getFileName());
    boolean one = name.matches("step-\\d{8,18}");
    CheckpointFolder folder = new CheckpointFolder(new LocalFolder(one ? path.getParent() : path));
    List<Long> steps =
        one ? List.of(Long.valueOf(name.substring("step-".length()))) : folder.steps();
    boolean whole = !steps.isEmpty();
    for (long step : steps) {
      whole &= print(folder, step);
    }
    if (steps.isEmpty()) {
      System.out.printf("There is no complete checkpoint in %s%n", folder.location());
    }
    System.exit(whole ? 0 : 1);
  }

  private static boolean print(CheckpointFolder folder, long step) throws IOException {
    System.out.printf("%s/%s%n", folder.location(), CheckpointFolder.nameOf(step));
    try {
      CheckpointManifest manifest = folder.read(step);
      print(manifest);
      folder.verify(manifest);
      System.out.printf("  checksums    ok%n");
      return true;
    } catch (CheckpointException | IOException e) {
      System.out.printf("  damaged      %s%n", e.getMessage());
      return false;
    }
  }

  private static void print(CheckpointManifest manifest) {
    Map<String, Long> elements = new TreeMap<>();
    TreeSet<String> tensors = new TreeSet<>();
    for (StoredFile file : manifest.files()) {
      for (StoredSlice stored : file.slices()) {
        elements.merge(stored.kind(), stored.slice().numel(), Long::sum);
        tensors.add(stored.slice().tensor());
      }
    }
    System.out.printf(
        Locale.ROOT,
        "  step         %,d (epoch %,d, row %,d)%n  run          %s%n  written      %s%n",
        manifest.point().step(),
        manifest.point().epoch(),
        manifest.point().rows(),
        manifest.identity().run(),
        manifest.written());
    System.out.printf(
        Locale.ROOT,
        "  files        %,d, %,d bytes%n  tensors      %,d%n",
        manifest.files().size(),
        manifest.bytes(),
        tensors.size());
    elements.forEach((kind, count) -> System.out.printf(Locale.ROOT, "  %-12s %,d%n", kind, count));
    manifest
        .identity()
        .free()
        .forEach((setting, value) -> System.out.printf("  %s = %s%n", setting, value));
  }
}
