package dev.penstock.datasets.shard;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.datasets.DatasetException;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a stream that are committed, in order: a small file each, which is there once the
 * shard is. Used by one thread at a time; the folder stays the caller's.
 */
public final class StreamLog {
  private static final String PREFIX = "commit-";
  private static final String SUFFIX = ".json";
  private static final int MAX_BYTES = 1 << 16;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private final Folder folder;

  public StreamLog(Folder folder) {
    this.folder = folder;
  }

  private static String name(int number) {
    return String.format(Locale.ROOT, "%s%08d%s", PREFIX, number, SUFFIX);
  }

  /** Adds a shard. */
  public void commit(StreamShard shard) throws IOException {
    folder.write(name(shard.number()), JSON.writeValueAsBytes(new Line(shard)));
  }

  /** A shard; null if it is not committed, or no more there. */
  public @Nullable StreamShard find(int number) throws IOException {
    String name = name(number);
    if (!folder.exists(name)) {
      return null;
    }
    try {
      return JSON.readValue(folder.read(name, MAX_BYTES), Line.class).shard();
    } catch (JacksonException e) {
      throw new DatasetException(
          "%s/%s is damaged: %.300s. Begin anew: set resume to never."
              .formatted(folder.location(), name, e.getOriginalMessage()),
          e);
    }
  }

  /** The numbers of the shards that are there, ascending. */
  public List<Integer> numbers() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (String name : folder.list()) {
      if (name.matches(PREFIX + "\\d+" + SUFFIX)) {
        numbers.add(
            Integer.valueOf(name.substring(PREFIX.length(), name.length() - SUFFIX.length())));
      }
    }
    return numbers;
  }

  /** Forgets a shard. */
  public void remove(int number) throws IOException {
    folder.delete(name(number));
  }

  /**
   * The file's one object.
   *
   * @param shard it
   */
  private record Line(StreamShard shard) {}
}
