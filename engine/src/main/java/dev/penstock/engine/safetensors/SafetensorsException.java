package dev.penstock.engine.safetensors;

/** A file is not what the safetensors format allows; the message names the file and the values. */
public final class SafetensorsException extends RuntimeException {
  public SafetensorsException(String message) {
    super(message);
  }

  public SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }
}
