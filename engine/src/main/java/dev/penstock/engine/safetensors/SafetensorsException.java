package dev.penstock.engine.safetensors;

import dev.penstock.engine.config.Quoted;

/** A file is not what the safetensors format allows; the message names the file and the values. */
public final class SafetensorsException extends RuntimeException {
  public SafetensorsException(String message) {
    super(Quoted.message(message));
  }

  public SafetensorsException(String message, Throwable cause) {
    super(Quoted.message(message), cause);
  }
}
