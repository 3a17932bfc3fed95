package dev.penstock.datasets.template;

/** Python's str.replace. */
final class Replacement {
  private Replacement() {}

  /**
   * Replaces.
   *
   * @param count occurrences at most; negative: all
   */
  static String replace(String text, String old, String by, int count, Budget budget) {
    StringBuilder result = new StringBuilder();
    int left = count < 0 ? Integer.MAX_VALUE : count;
    int position = 0;
    while (left > 0) {
      int at = text.indexOf(old, position);
      if (at < 0) {
        break;
      }
      budget.spend(1L + by.length());
      result.append(text, position, at).append(by);
      position = at + old.length();
      left--;
      if (old.isEmpty()) {
        if (position >= text.length()) {
          break;
        }
        int point = text.codePointAt(position);
        result.appendCodePoint(point);
        position += Character.charCount(point);
      }
    }
    budget.spend(text.length());
    return result.append(text, position, text.length()).toString();
  }
}
