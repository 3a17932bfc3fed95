package dev.penstock.datasets.template;

/** A template is wrong, or does what it must not; {@link ChatTemplate} says which, and where. */
final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  TemplateException(String message) {
    this(message, 0);
  }

  /**
   * @param line counted from 1; 0: where the interpreter is
   */
  TemplateException(String message, int line) {
    super(message);
    this.line = line;
  }

  int line() {
    return line;
  }
}
