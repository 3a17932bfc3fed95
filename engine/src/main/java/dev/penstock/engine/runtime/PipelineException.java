package dev.penstock.engine.runtime;

/** An action of the schedule failed; the message names rank, stage, microbatch and action. */
public final class PipelineException extends RuntimeException {
  public PipelineException(String message, Throwable cause) {
    super(message, cause);
  }
}
