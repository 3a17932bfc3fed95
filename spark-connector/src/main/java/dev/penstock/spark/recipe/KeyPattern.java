package dev.penstock.spark.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys that a line of the table is about, part by part.
 *
 * @param parts for each part the words that it may be
 * @param withBelow whether the line is about whatever is below too
 */
record KeyPattern(List<List<Glob>> parts, boolean withBelow) {
  private static final String BELOW = ".**";

  static KeyPattern parse(String text) {
    boolean withBelow = text.endsWith(BELOW);
    String plain = withBelow ? text.substring(0, text.length() - BELOW.length()) : text;
    return new KeyPattern(
        Arrays.stream(plain.split("\\."))
            .map(part -> Arrays.stream(part.split("/")).map(Glob::of).toList())
            .toList(),
        withBelow);
  }

  boolean matches(List<String> path) {
    if (withBelow ? path.size() < parts.size() : path.size() != parts.size()) {
      return false;
    }
    for (int i = 0; i < parts.size(); i++) {
      String word = path.get(i);
      if (parts.get(i).stream().noneMatch(glob -> glob.matches(word))) {
        return false;
      }
    }
    return true;
  }

  /** Whether it is about keys below this one. */
  boolean reachesBelow(List<String> path) {
    return (withBelow ? path.size() <= parts.size() : path.size() < parts.size())
        && new KeyPattern(parts.subList(0, path.size()), false).matches(path);
  }

  /** The keys that it spells out: those without wildcards, and no whole sections. */
  List<String> spelledOut() {
    if (withBelow) {
      return List.of();
    }
    List<String> keys = List.of("");
    for (List<Glob> words : parts) {
      List<String> longer = new ArrayList<>();
      for (String key : keys) {
        for (Glob word : words) {
          longer.add(key.isEmpty() ? word.text() : key + "." + word.text());
        }
      }
      keys = longer;
    }
    return keys.stream().filter(key -> !key.contains("*")).toList();
  }
}
