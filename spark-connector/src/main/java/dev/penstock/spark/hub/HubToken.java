package dev.penstock.spark.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What says to a hub who asks. It is sent to the hub alone and never shown.
 *
 * @param value the secret
 * @param origin where it was found, for messages
 */
record HubToken(String value, String origin) {
  /**
   * Finds the token as the hub's own clients do: in the environment, else in the file that {@code
   * hf auth login} writes.
   */
  static Optional<HubToken> find(UnaryOperator<String> environment, Path file) throws IOException {
    if (HubSettings.isTrue(environment.apply("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) {
      return Optional.empty();
    }
    for (String name : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
      Optional<HubToken> token = of(environment.apply(name), name);
      if (token.isPresent()) {
        return token;
      }
    }
    return Files.isRegularFile(file)
        ? of(Files.readString(file), file.toString())
        : Optional.empty();
  }

  private static Optional<HubToken> of(@Nullable String text, String origin) {
    String value = text == null ? "" : text.strip();
    return value.isEmpty() ? Optional.empty() : Optional.of(new HubToken(value, origin));
  }

  @Override
  public String toString() {
    return "the token of " + origin;
  }
}
