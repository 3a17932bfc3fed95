package dev.penstock.engine.safetensors;

import dev.penstock.engine.config.Quoted;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of a Hugging Face model folder, in one file or sharded: {@value #SINGLE_FILE}, else
 * the files that {@value SafetensorsIndex#FILE_NAME} names. As in transformers, a sharded model has
 * the tensors that its files hold, whatever the index says of them; of one that two files hold, the
 * last counts. A file stays open from when one of its tensors is first read. Used by one thread.
 * Closing it closes the files.
 */
public final class ModelWeights implements AutoCloseable {
  /** The file of a model that is not sharded. */
  public static final String SINGLE_FILE = "model.safetensors";

  private record Located(String file, TensorEntry entry) {}

  private final FileSource source;
  private final SortedMap<String, Located> tensors = new TreeMap<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, SafetensorsFile> openFiles = new HashMap<>();

  private ModelWeights(FileSource source) {
    this.source = source;
  }

  /**
   * Finds the tensors of a folder.
   *
   * @param source the folder; stays the caller's
   * @throws SafetensorsException if there are no weights in it, a shard is missing, or a header
   *     breaks the format
   */
  public static ModelWeights open(FileSource source) throws IOException {
    if (source.exists(SINGLE_FILE)) {
      return ofFile(source, SINGLE_FILE);
    }
    if (source.exists(SafetensorsIndex.FILE_NAME)) {
      ModelWeights weights = new ModelWeights(source);
      weights.locate(readIndex(source).weightMap());
      return weights;
    }
    throw new SafetensorsException(
        "%s has neither %s nor %s. %s"
            .formatted(
                source.location(), SINGLE_FILE, SafetensorsIndex.FILE_NAME, instead(source)));
  }

  /** What lies there in their place, and what to do. */
  private static String instead(FileSource source) throws IOException {
    if (source.exists("pytorch_model.bin") || source.exists("pytorch_model.bin.index.json")) {
      return "It has weights pickled by PyTorch, which are not read: save the model again with safe_serialization=True.";
    }
    if (source.exists("consolidated.safetensors")) {
      return "It has consolidated.safetensors, whose tensors have other names and order: use the files that transformers reads.";
    }
    return "Check the path: it must be a Hugging Face model folder.";
  }

  /** The tensors of one file of a folder, which stays the caller's. */
  public static ModelWeights ofFile(FileSource source, String file) throws IOException {
    ModelWeights weights = new ModelWeights(source);
    for (TensorEntry entry : weights.file(file).entries()) {
      weights.tensors.put(entry.name(), new Located(file, entry));
    }
    return weights;
  }

  /** Reads the header of each shard. */
  private void locate(Map<String, String> fileByTensor) throws IOException {
    checkShards(source, fileByTensor);
    SortedSet<String> twice = new TreeSet<>();
    for (String shard : new TreeSet<>(fileByTensor.values())) {
      try (SafetensorsFile file = openFile(shard)) {
        for (TensorEntry entry : file.entries()) {
          if (tensors.put(entry.name(), new Located(shard, entry)) != null) {
            twice.add(entry.name());
          }
        }
      }
    }
    List<String> absent =
        new TreeSet<>(fileByTensor.keySet())
            .stream().filter(name -> !tensors.containsKey(name)).toList();
    warn("%d tensors lie in several files, of which the last counts: %s", twice);
    warn(SafetensorsIndex.FILE_NAME + " names %d tensors that no file holds: %s", absent);
  }

  private void warn(String format, Collection<String> names) {
    if (!names.isEmpty()) {
      warnings.add(
          "%s: %s"
              .formatted(
                  source.location(),
                  String.format(Locale.ROOT, format, names.size(), Quoted.list(names))));
    }
  }

  /** What is odd about the files but does not keep them from being read; one sentence each. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** Names of all tensors, sorted. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /**
   * The entry of a tensor.
   *
   * @throws SafetensorsException if there is no such tensor
   */
  public TensorEntry entry(String name) {
    return located(name).entry;
  }

  /** Fills {@code target}, which must have as many bytes left as the tensor has. */
  public void read(String name, ByteBuffer target) throws IOException {
    file(located(name).file).read(name, target);
  }

  /** Fills {@code target} with the bytes of a tensor from {@code offset} on. */
  public void read(String name, long offset, ByteBuffer target) throws IOException {
    file(located(name).file).read(name, offset, target);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (SafetensorsFile file : openFiles.values()) {
      try {
        file.close();
      } catch (IOException e) {
        failure = failure == null ? e : suppressing(failure, e);
      }
    }
    openFiles.clear();
    if (failure != null) {
      throw failure;
    }
  }

  private static IOException suppressing(IOException first, IOException next) {
    first.addSuppressed(next);
    return first;
  }

  private Located located(String name) {
    Located located = tensors.get(name);
    if (located == null) {
      throw new SafetensorsException(
          String.format(
              Locale.ROOT,
              "%s has no tensor %s among its %d. Is it the folder of another model?",
              source.location(),
              Quoted.of(name),
              tensors.size()));
    }
    return located;
  }

  private SafetensorsFile file(String name) throws IOException {
    SafetensorsFile known = openFiles.get(name);
    if (known != null) {
      return known;
    }
    SafetensorsFile opened = openFile(name);
    openFiles.put(name, opened);
    return opened;
  }

  private SafetensorsFile openFile(String name) throws IOException {
    return SafetensorsFile.open(source.open(name), path(source, name), source.length(name));
  }

  private static SafetensorsIndex readIndex(FileSource source) throws IOException {
    String file = path(source, SafetensorsIndex.FILE_NAME);
    long length = source.length(SafetensorsIndex.FILE_NAME);
    if (length > SafetensorsHeader.MAX_JSON_BYTES) {
      throw new SafetensorsException(
          String.format(
              Locale.ROOT,
              "%s has %d bytes, more than the %d an index may have. Is it another file?",
              file,
              length,
              SafetensorsHeader.MAX_JSON_BYTES));
    }
    ByteBuffer json = ByteBuffer.allocate((int) length);
    try (SeekableByteChannel channel = source.open(SafetensorsIndex.FILE_NAME)) {
      ChannelReads.fully(channel, 0, json, file);
    }
    return SafetensorsIndex.parse(json.array(), file);
  }

  private static void checkShards(FileSource source, Map<String, String> fileByTensor)
      throws IOException {
    SortedSet<String> missing = new TreeSet<>();
    for (String shard : new TreeSet<>(fileByTensor.values())) {
      if (!source.exists(shard)) {
        missing.add(shard);
      }
    }
    if (!missing.isEmpty()) {
      throw new SafetensorsException(
          String.format(
              Locale.ROOT,
              "%s lacks %d of the files that %s names: %s. Copy or download them.",
              source.location(),
              missing.size(),
              SafetensorsIndex.FILE_NAME,
              Quoted.list(missing)));
    }
  }

  private static String path(FileSource source, String name) {
    return source.location() + "/" + name;
  }
}
