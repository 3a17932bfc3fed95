package dev.penstock.engine.torch;

/** What a failure of native code says to its user: the cause, without stacks of native frames. */
public final class NativeMessage {
  private static final String NATIVE_STACK = "Exception raised from";
  private static final String SCRIPT_CAUSE = "RuntimeError: ";
  private static final int MAX_LENGTH = 600;

  private NativeMessage() {}

  /** The message of an exception; of one that native code threw, what comes before its frames. */
  public static String of(Throwable e) {
    String message = e.getMessage();
    if (message == null) {
      return e.toString();
    }
    int frames = message.indexOf(NATIVE_STACK);
    if (frames < 0 && !message.contains(SCRIPT_CAUSE)) {
      return message;
    }
    String cause = frames < 0 ? message : message.substring(0, frames);
    // The interpreter of scripts puts its source lines before what went wrong.
    int script = cause.lastIndexOf(SCRIPT_CAUSE);
    String told = (script < 0 ? cause : cause.substring(script + SCRIPT_CAUSE.length())).strip();
    return told.length() <= MAX_LENGTH ? told : told.substring(0, MAX_LENGTH) + "...";
  }
}
