package dev.penstock.engine.safetensors;

import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The tensors of a Hugging Face model folder, in one file or sharded: {@value #SINGLE_FILE}, else
 * {@value SafetensorsIndex#FILE_NAME} and the files it names. A shard is opened when one of its
 * tensors is first asked for, so a rank touches only the files it needs. Used by one thread.
 * Closing it closes the files.
 */
public final class ModelWeights implements AutoCloseable {
  /** The file of a model that is not sharded. */
  public static final String SINGLE_FILE = "model.safetensors";

  private final FileSource source;
  private final Map<String, String> fileByTensor;
  private final Map<String, SafetensorsFile> openFiles = new HashMap<>();

  private ModelWeights(FileSource source, Map<String, String> fileByTensor) {
    this.source = source;
    this.fileByTensor = fileByTensor;
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
      Map<String, String> fileByTensor = readIndex(source).weightMap();
      checkShards(source, fileByTensor);
      return new ModelWeights(source, fileByTensor);
    }
    throw new SafetensorsException(
        "%s has neither %s nor %s.%s"
            .formatted(
                source.location(),
                SINGLE_FILE,
                SafetensorsIndex.FILE_NAME,
                source.exists("pytorch_model.bin") || source.exists("pytorch_model.bin.index.json")
                    ? " It has weights pickled by PyTorch, which are not read: save the model again"
                        + " with safe_serialization=True."
                    : " Check the path: it must be a Hugging Face model folder."));
  }

  /** The tensors of one file of a folder, which stays the caller's. */
  public static ModelWeights ofFile(FileSource source, String file) throws IOException {
    Map<String, String> fileByTensor = new TreeMap<>();
    ModelWeights weights = new ModelWeights(source, fileByTensor);
    for (TensorEntry entry : weights.file(file).entries()) {
      fileByTensor.put(entry.name(), file);
    }
    return weights;
  }

  /** Names of all tensors, sorted. */
  public Set<String> names() {
    return fileByTensor.keySet();
  }

  /**
   * The entry of a tensor.
   *
   * @throws SafetensorsException if there is no such tensor
   */
  public TensorEntry entry(String name) throws IOException {
    return fileOf(name).entry(name);
  }

  /** Fills {@code target}, which must have as many bytes left as the tensor has. */
  public void read(String name, ByteBuffer target) throws IOException {
    fileOf(name).read(name, target);
  }

  /** Fills {@code target} with the bytes of a tensor from {@code offset} on. */
  public void read(String name, long offset, ByteBuffer target) throws IOException {
    fileOf(name).read(name, offset, target);
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

  private SafetensorsFile fileOf(String name) throws IOException {
    String file = fileByTensor.get(name);
    if (file == null) {
      throw new SafetensorsException(
          "%s has no tensor %s among its %d. Is it the folder of another model?"
              .formatted(source.location(), Quoted.of(name), fileByTensor.size()));
    }
    return file(file);
  }

  private SafetensorsFile file(String name) throws IOException {
    SafetensorsFile known = openFiles.get(name);
    if (known != null) {
      return known;
    }
    SafetensorsFile opened =
        SafetensorsFile.open(source.open(name), path(source, name), source.length(name));
    try {
      checkHolds(opened, name);
    } catch (SafetensorsException e) {
      opened.close();
      throw e;
    }
    openFiles.put(name, opened);
    return opened;
  }

  private void checkHolds(SafetensorsFile file, String name) {
    List<String> missing = new ArrayList<>();
    fileByTensor.forEach(
        (tensor, itsFile) -> {
          if (itsFile.equals(name) && !file.contains(tensor)) {
            missing.add(Quoted.of(tensor));
          }
        });
    if (!missing.isEmpty()) {
      throw new SafetensorsException(
          ("%s lacks %d tensors that %s says it has: %s. The files belong to different saves: "
                  + "copy or download the folder again.")
              .formatted(
                  path(source, name),
                  missing.size(),
                  SafetensorsIndex.FILE_NAME,
                  String.join(", ", missing)));
    }
  }

  private static SafetensorsIndex readIndex(FileSource source) throws IOException {
    String file = path(source, SafetensorsIndex.FILE_NAME);
    long length = source.length(SafetensorsIndex.FILE_NAME);
    if (length > SafetensorsHeader.MAX_JSON_BYTES) {
      throw new SafetensorsException(
          "%s has %d bytes, more than the %d an index may have. Is it another file?"
              .formatted(file, length, SafetensorsHeader.MAX_JSON_BYTES));
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
          "%s lacks %d of the files that %s names: %s. Copy or download them."
              .formatted(
                  source.location(),
                  missing.size(),
                  SafetensorsIndex.FILE_NAME,
                  missing.stream().map(Quoted::of).collect(Collectors.joining(", "))));
    }
  }

  private static String path(FileSource source, String name) {
    return source.location() + "/" + name;
  }
}
