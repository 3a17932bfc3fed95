package dev.penstock.datasets.template;

/** Keys of dicts. */
final class Keys {
  private Keys() {}

  /** A key as it is, or refused. */
  static Object check(Object value) {
    Object key = Markup.plain(value);
    if (!isKey(key)) {
      throw Types.notA("key of a dict: that is a string, a number, a boolean or None", key);
    }
    return key;
  }

  /** Values with others within them are no keys here: they would be hashed again and again. */
  static boolean isKey(Object key) {
    return key instanceof String
        || key instanceof Number
        || key instanceof Boolean
        || key == None.NONE;
  }
}
