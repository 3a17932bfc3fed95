package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.engine.inference.CausalLM;
import dev.penstock.engine.torch.Threads;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What scoring keeps does not grow with the number of lengths that it has seen. */
class ScoringMemoryTest {
  private static final int LONGEST = 1_000;
  private static final long MOST_BYTES = 128L << 20;

  @Test
  void scoringManyLengthsTakesTheMemoryOfTheLongest() throws IOException {
    Threads.configure(1);
    assumeTrue(ProcessMemory.residentBytes() > 0);
    Path folder = Path.of("src/test/resources/hf/mistral-sliding"); // its windows need masks
    try (CausalLM model = CausalLM.load(new LocalFolder(folder), "cpu")) {
      model.score(new int[][] {new int[LONGEST]});
      long before = ProcessMemory.residentBytes();
      for (int length = 2; length <= LONGEST; length += 3) {
        model.score(new int[][] {new int[length]});
      }
      assertThat(ProcessMemory.residentBytes() - before).isLessThan(MOST_BYTES);
    }
  }
}
