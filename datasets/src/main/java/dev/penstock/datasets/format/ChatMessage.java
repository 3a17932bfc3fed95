package dev.penstock.datasets.format;

import dev.penstock.datasets.DatasetException;
import java.util.Set;

/**
 * One turn of a conversation.
 *
 * @param role who speaks: {@code system}, {@code user}, {@code assistant} or {@code tool}
 * @param content what is said
 */
public record ChatMessage(String role, String content) {
  static final String ASSISTANT = "assistant";

  private static final Set<String> ROLES = Set.of("system", "user", ASSISTANT, "tool");

  public ChatMessage {
    if (role == null || content == null || !ROLES.contains(role)) {
      throw new DatasetException(
          "A message has the role '%s'%s. It needs a role of %s and a content."
              .formatted(role, content == null ? " and no content" : "", ROLES));
    }
  }
}
