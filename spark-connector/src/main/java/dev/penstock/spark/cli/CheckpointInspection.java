package dev.penstock.spark.cli;

import dev.penstock.engine.checkpoint.CheckpointException;
import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.CheckpointManifest;
import dev.penstock.engine.checkpoint.StoredFile;
import dev.penstock.engine.checkpoint.StoredSlice;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What the checkpoints in a folder hold, and whether every byte is as it was written. */
final class CheckpointInspection {
  private final PrintWriter out;

  CheckpointInspection(PrintWriter out) {
    this.out = out;
  }

  /**
   * Prints it.
   *
   * @param location the folder of checkpoints, or that of one of them
   * @return whether there are checkpoints, and all are whole
   */
  boolean inspect(String location, Configuration conf) throws IOException {
    Path path = new Path(location);
    boolean one = path.getName().matches("step-\\d{8,18}");
    String parent = one && path.getParent() != null ? path.getParent().toString() : ".";
    CheckpointFolder folder = new CheckpointFolder(HadoopFolder.of(one ? parent : location, conf));
    List<Long> steps =
        one ? List.of(Long.valueOf(path.getName().substring("step-".length()))) : folder.steps();
    if (steps.isEmpty()) {
      out.printf(
          "There is neither a model (config.json) nor a complete checkpoint in %s%n",
          folder.location());
    }
    boolean whole = !steps.isEmpty();
    for (long step : steps) {
      whole &= print(folder, step);
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
