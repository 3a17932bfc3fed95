package dev.penstock.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One step of putting the files of a {@link FolderUpdate} in place. Each may be done again.
 *
 * @param kind what is done
 * @param bytes length of the file; 0 where it does not matter
 * @param name of the file in the folder
 */
record UpdateStep(Kind kind, long bytes, String name) {
  private static final String FIRST_LINE = "penstock-update 1";
  private static final String LAST_LINE = "end";

  enum Kind {
    /** Removes a file that says that the folder is whole, unless it is the new one. */
    CLEAR,
    /** Checks a file that was written where it stays. */
    KEEP,
    /** Moves a file to its place. */
    PUT,
    /** Removes a file that is no longer wanted. */
    DELETE
  }

  UpdateStep {
    Folder.checkName(name);
  }

  static String format(List<UpdateStep> steps) {
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    for (UpdateStep step : steps) {
      text.append(String.format(Locale.ROOT, "%s %d %s\n", step.kind, step.bytes, step.name));
    }
    return text.append(LAST_LINE).append('\n').toString();
  }

  /**
   * Reads what {@link #format} wrote.
   *
   * @throws IOException if it is something else
   */
  static List<UpdateStep> parse(String text, String file) throws IOException {
    List<String> lines = text.lines().toList();
    if (lines.size() < 2
        || !lines.get(0).equals(FIRST_LINE)
        || !lines.get(lines.size() - 1).equals(LAST_LINE)) {
      throw new IOException(file + " is damaged, or was written by another version.");
    }
    List<UpdateStep> steps = new ArrayList<>();
    for (String line : lines.subList(1, lines.size() - 1)) {
      String[] parts = line.split(" ", 3);
      try {
        steps.add(new UpdateStep(Kind.valueOf(parts[0]), Long.parseLong(parts[1]), parts[2]));
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw new IOException(file + " is damaged.", e);
      }
    }
    return steps;
  }
}
