package dev.penstock.datasets.template;

/** The text that is rendered, and that of the block which is captured just now. */
final class Output {
  private final Budget budget;
  private final StringBuilder rendered = new StringBuilder();
  private StringBuilder current = rendered;

  Output(Budget budget) {
    this.budget = budget;
  }

  void append(String text) {
    budget.spend(text.length());
    current.append(text);
  }

  /** What a block writes, which does not become part of the text. */
  String capture(Runnable block) {
    StringBuilder around = current;
    current = new StringBuilder();
    block.run();
    String captured = current.toString();
    current = around;
    return captured;
  }

  /** Length of the text so far, without what is captured. */
  int length() {
    return rendered.length();
  }

  String text() {
    return rendered.toString();
  }
}
