package dev.penstock.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.inference.CausalLM;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PeftInferenceTest {
  private static final float ROUNDING = 1e-5f;
  private static final Path MODEL = Path.of("src/test/resources/hf/llama");
  private static final Path ADAPTER = Path.of("src/test/resources/peft/llama");

  private static float[] logits(ModelFiles files, Reference.Tokens tokens) throws IOException {
    int[][] rows = new int[tokens.rows()][];
    for (int row = 0; row < rows.length; row++) {
      int begin = row * tokens.seqLength();
      rows[row] = Arrays.copyOfRange(tokens.ids(), begin, begin + tokens.seqLength());
    }
    try (CausalLM model = CausalLM.load(files, "cpu")) {
      return model.logits(rows);
    }
  }

  @Test
  void logitsWithAdaptersAreThoseOfPeft() throws IOException {
    Reference reference = Reference.read(ADAPTER);
    LocalFolder model = new LocalFolder(MODEL);
    ModelFiles adapted = new ModelFiles(model, new LocalFolder(ADAPTER));
    float[] expected = reference.logits();
    assertThat(logits(adapted, reference.batch())).containsExactly(expected, within(ROUNDING));
    assertThat(logits(ModelFiles.of(model), reference.batch())[0])
        .isNotCloseTo(expected[0], within(100 * ROUNDING));
  }
}
