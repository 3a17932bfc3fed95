package dev.penstock.datasets.template;

import java.util.List;

/**
 * A conversation as a model reads it.
 *
 * @param text the text
 * @param generated what of it the template marks as the assistant's, in order; empty if it marks
 *     nothing
 * @param work steps that it took, which no machine changes
 */
public record Rendering(String text, List<Span> generated, long work) {
  public Rendering {
    generated = List.copyOf(generated);
  }

  /** From one UTF-16 unit of the text to before another. */
  public record Span(int begin, int end) {}
}
