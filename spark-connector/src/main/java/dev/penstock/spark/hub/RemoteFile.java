package dev.penstock.spark.hub;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A file on a hub.
 *
 * @param name within the model's repository
 * @param size bytes; empty: the hub does not say
 * @param etag what tells its content apart: the SHA-256 of a large file, the object id of git of a
 *     small one
 */
record RemoteFile(String name, OptionalLong size, String etag) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /** The digest that its bytes must have, in hexadecimal digits; empty: not said. */
  Optional<String> sha256() {
    return Optional.of(etag).filter(tag -> SHA256.matcher(tag).matches());
  }
}
