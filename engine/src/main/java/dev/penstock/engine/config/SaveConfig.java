package dev.penstock.engine.config;

import java.io.Serializable;
import java.util.List;

/**
 * How trained weights are saved.
 *
 * @param dtype element type in the files: {@code float32}, {@code bfloat16} or {@code float16}
 * @param maxShardBytes a file is not begun anew before it has so many bytes; one weight larger than
 *     that has a file of its own
 * @param suffix what is put behind the usual names of the files of a whole model, so that none of
 *     an older model is touched; empty: nothing
 */
public record SaveConfig(String dtype, long maxShardBytes, String suffix) implements Serializable {
  /** The accepted element types, as transformers names them. */
  public static final List<String> DTYPES = List.of("float32", "bfloat16", "float16");

  /** Float32 in files of transformers' default size. */
  public static final SaveConfig DEFAULT = new SaveConfig("float32", 5_000_000_000L);

  /** Files of the usual names. */
  public SaveConfig(String dtype, long maxShardBytes) {
    this(dtype, maxShardBytes, "");
  }

  public SaveConfig {
    ConfigException.check(
        suffix.matches("[-0-9a-z]*"), "The suffix '%s' is no part of a file's name.", suffix);
    ConfigException.check(
        DTYPES.contains(dtype), "Unknown saveDtype '%s'. Use one of %s.", dtype, DTYPES);
    ConfigException.check(
        maxShardBytes >= 1, "maxShardBytes must be at least 1, but is %d.", maxShardBytes);
  }

  /** The same with other names. */
  public SaveConfig withSuffix(String other) {
    return new SaveConfig(dtype, maxShardBytes, other);
  }

  /** Bytes of one element in the files. */
  public int elementBytes() {
    return dtype.equals("float32") ? 4 : 2;
  }
}
