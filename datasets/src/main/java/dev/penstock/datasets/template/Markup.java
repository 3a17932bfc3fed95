package dev.penstock.datasets.template;

/**
 * A string that the filter safe or escape made: what is appended to it is escaped for HTML. Apart
 * from that it is its text.
 */
record Markup(String text) {
  /** The value, or its text if it is markup. */
  static Object plain(Object value) {
    return value instanceof Markup markup ? markup.text() : value;
  }

  /** The text of something that becomes part of markup. */
  static String escaped(Object value) {
    return value instanceof Markup markup ? markup.text() : escape((String) value);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;")
        .replace("'", "&#39;");
  }
}
