package dev.penstock.spark.hub;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A server could not be reached, fell silent, or broke off. */
final class HubConnectionException extends IOException {
  private static final long serialVersionUID = 1L;

  HubConnectionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
