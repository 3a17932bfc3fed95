package dev.penstock.datasets.tokenize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.datasets.TestingData;
import dev.penstock.storage.SessionJars;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class NativeTokenizerTest {
  /** Runs in a class loader of its own. */
  public static final class Encoding implements Callable<List<int[]>> {
    @Override
    public List<int[]> call() {
      try (TextTokenizer tokenizer = TextTokenizer.open(TestingData.tokenizer())) {
        return TestingData.verses().stream()
            .map(verse -> tokenizer.encode(verse, SpecialTokens.EXCLUDED))
            .toList();
      }
    }
  }

  @Test
  void eachClassLoaderOfAProcessLoadsTheLibrary() throws Exception {
    List<int[]> expected = new Encoding().call();
    for (Object ids : SessionJars.callIn(3, Encoding.class)) {
      assertThat((List<?>) ids).usingRecursiveComparison().isEqualTo(expected);
    }
  }
}
