package dev.penstock.spark.hub;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.storage.Folder;
import java.io.Serializable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a model on a hub.
 *
 * @param id {@code org/name}; the oldest ones have no organization
 * @param revision a branch, a tag, or a commit
 */
public record HubName(String id, String revision) implements Serializable {
  private static final String SCHEME = "hf://";
  private static final String MAIN = "main";
  private static final int MAX_LENGTH = 96;
  private static final Pattern ID = Pattern.compile("(\\w(?:[\\w.-]*\\w)?/)?\\w(?:[\\w.-]*\\w)?");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Whether a text can be nothing else than the name of a model on a hub. */
  public static boolean isUri(String text) {
    return text.startsWith(SCHEME);
  }

  /**
   * Reads {@code hf://org/name} or {@code hf://org/name@revision}.
   *
   * @throws ConfigException if it is something else
   */
  public static HubName ofUri(String uri) {
    String rest = uri.substring(SCHEME.length());
    String named = rest.startsWith("models/") ? rest.substring("models/".length()) : rest;
    return parse(named)
        .orElseThrow(
            () ->
                new ConfigException(
                    "%s names no model. Write hf://ORG/NAME, or hf://ORG/NAME@REVISION with a branch, a tag or a commit; data sets, spaces and folders within a model are not opened."
                        .formatted(Quoted.of(uri))));
  }

  /** Reads {@code org/name} or {@code org/name@revision}; nothing if the text has another form. */
  public static Optional<HubName> ofBare(String text) {
    return text.contains("/") ? parse(text) : Optional.empty();
  }

  private static Optional<HubName> parse(String text) {
    int at = text.indexOf('@');
    String id = at < 0 ? text : text.substring(0, at);
    String revision = at < 0 ? MAIN : decoded(text.substring(at + 1));
    return isId(id) && isRevision(revision)
        ? Optional.of(new HubName(id, revision))
        : Optional.empty();
  }

  private static String decoded(String revision) {
    try {
      return URLDecoder.decode(revision.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return ""; // no revision
    }
  }

  /** By the rules of the hub, which refuses all else. */
  private static boolean isId(String id) {
    return id.length() <= MAX_LENGTH
        && ID.matcher(id).matches()
        && !id.contains("--")
        && !id.contains("..")
        && !id.endsWith(".git");
  }

  private static boolean isRevision(String revision) {
    try {
      return Folder.checkName(revision).length() <= 2 * MAX_LENGTH;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  /** The same model at another revision. */
  public HubName at(String other) {
    return new HubName(id, other);
  }

  /** The folder of the model in a cache. */
  String folder() {
    return "models--" + id.replace("/", "--");
  }

  /** As it can be given again. */
  @Override
  public String toString() {
    return SCHEME + id + (revision.equals(MAIN) ? "" : "@" + revision);
  }
}
