package dev.penstock.examples;

import dev.penstock.engine.checkpoint.CheckpointException;
import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.CheckpointManifest;
import dev.penstock.engine.checkpoint.StoredFile;
import dev.penstock.engine.checkpoint.StoredSlice;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Says what the checkpoints in a folder on any Hadoop file system hold, and whether every byte is
 * as it was written.
 */
public final class Inspect {
  private final PrintStream out;

  private Inspect(PrintStream out) {
    this.out = out;
  }

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
    System.exit(inspect(args[0], System.out) ? 0 : 1);
  }

  /**
   * Prints it.
   *
   * @return whether there are checkpoints, and all are whole
   */
  static boolean inspect(String location, PrintStream out) throws IOException {
    Path path = new Path(location);
    boolean one = path.getName().matches("step-\\d{8,18}");
    String parent = one && path.getParent() != null ? path.getParent().toString() : ".";
    CheckpointFolder folder =
        new CheckpointFolder(HadoopFolder.of(one ? parent : location, new Configuration()));
    List<Long> steps =
        one ? List.of(Long.valueOf(path.getName().substring("step-".length()))) : folder.steps();
    if (steps.isEmpty()) {
      out.printf("There is no complete checkpoint in %s%n", folder.location());
    }
    boolean whole = !steps.isEmpty();
    for (long step : steps) {
      whole &= new Inspect(out).print(folder, step);
    }
    return whole;
  }

  private boolean print(CheckpointFolder folder, long step) throws IOException {
    out.printf("%s/%s%n", folder.location(), CheckpointFolder.nameOf(step));
    try {
      CheckpointManifest manifest = folder.read(step);
      print(manifest);
      folder.verify(manifest);
      out.printf("  checksums    ok%n");
      return true;
    } catch (CheckpointException | IOException e) {
      out.printf("  checksums    not ok: %s%n", e.getMessage());
      return false;
    }
  }

  private void print(CheckpointManifest manifest) {
    Map<String, Long> elements = new TreeMap<>();
    TreeSet<String> tensors = new TreeSet<>();
    for (StoredFile file : manifest.files()) {
      for (StoredSlice stored : file.slices()) {
        elements.merge(stored.kind(), stored.slice().numel(), Long::sum);
        tensors.add(stored.slice().tensor());
      }
    }
    out.printf(
        Locale.ROOT,
        "  step         %,d (epoch %,d, row %,d)%n  run          %s%n  written      %s%n",
        manifest.point().step(),
        manifest.point().epoch(),
        manifest.point().rows(),
        manifest.identity().run(),
        manifest.written());
    out.printf(
        Locale.ROOT,
        "  files        %,d, %,d bytes%n  tensors      %,d%n",
        manifest.files().size(),
        manifest.bytes(),
        tensors.size());
    elements.forEach((kind, count) -> out.printf(Locale.ROOT, "  %-12s %,d%n", kind, count));
    manifest
        .identity()
        .free()
        .forEach((setting, value) -> out.printf("  %s = %s%n", setting, value));
  }
}
