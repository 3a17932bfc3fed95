package dev.penstock.datasets.pack;

import java.io.IOException;

/** Takes sequences as they are packed, one after the other, on the thread that packs. */
public interface SequenceSink {
  /** Takes the next sequence, which is the sink's from here on. */
  void accept(TokenSequence sequence) throws IOException;
}
