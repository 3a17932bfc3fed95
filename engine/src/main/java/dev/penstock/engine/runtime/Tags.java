package dev.penstock.engine.runtime;

/** Message tags: one for each (edge, direction, microbatch), so that order of arrival is free. */
final class Tags {
  private static final long FIRST = 16;

  private final int numMicrobatches;

  Tags(int numMicrobatches) {
    this.numMicrobatches = numMicrobatches;
  }

  /** The output of {@code stage} on its way to the next one. */
  long activation(int stage, int microbatch) {
    return FIRST + 2 * ((long) stage * numMicrobatches + microbatch);
  }

  /** The gradient of the input of {@code stage} on its way to the previous one. */
  long gradient(int stage, int microbatch) {
    return activation(stage, microbatch) + 1;
  }
}
