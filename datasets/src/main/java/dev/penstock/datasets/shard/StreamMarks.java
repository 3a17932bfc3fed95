package dev.penstock.datasets.shard;

import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What readers of a stream tell its writer, as empty files beside the shards: where they begin,
 * which windows they have read, which shard they wait for. Used by one thread at a time; the folder
 * stays the caller's.
 *
 * @param replica of the reader
 */
public record StreamMarks(Folder folder, int replica) {
  private static final Pattern MARK = Pattern.compile("(begin|read|wait)-(\\d+)-(\\d+)");
  private static final byte[] NOTHING = {};

  /**
   * What readers have told.
   *
   * @param begin the sequence that they begin at; empty: they have not begun
   * @param windowsRead windows that all of them have read; further ones some may have
   * @param waitsFor the first shard that one of them has waited for, for a while; empty: none does
   */
  public record Told(OptionalLong begin, int windowsRead, OptionalInt waitsFor) {}

  void begin(long sequence) throws IOException {
    put("begin", sequence);
  }

  /** Nothing of the windows before is read any more. */
  void read(int windowsBefore) throws IOException {
    put("read", windowsBefore);
  }

  void waits(int shard) throws IOException {
    put("wait", shard);
  }

  void waitsNoMore(int shard) throws IOException {
    folder.delete(name("wait", shard));
  }

  private void put(String kind, long number) throws IOException {
    folder.write(name(kind, number), NOTHING);
  }

  private String name(String kind, long number) {
    return String.format(Locale.ROOT, "%s-%d-%d", kind, replica, number);
  }

  /**
   * What has been told.
   *
   * @param names of the files in the folder
   * @param replicas how many readers there are
   */
  public static Told of(List<String> names, int replicas) {
    OptionalLong begin = OptionalLong.empty();
    OptionalInt waitsFor = OptionalInt.empty();
    Map<Integer, Integer> read = new HashMap<>();
    for (String name : names) {
      Matcher mark = MARK.matcher(name);
      if (!mark.matches()) {
        continue;
      }
      long number = Long.parseLong(mark.group(3));
      switch (mark.group(1)) {
        case "begin" -> begin = OptionalLong.of(number);
        case "wait" ->
            waitsFor = OptionalInt.of(Math.min((int) number, waitsFor.orElse((int) number)));
        default -> read.merge(Integer.valueOf(mark.group(2)), (int) number, Math::max);
      }
    }
    int windows =
        read.size() < replicas
            ? 0
            : read.values().stream().mapToInt(Integer::intValue).min().orElse(0);
    return new Told(begin, windows, waitsFor);
  }
}
