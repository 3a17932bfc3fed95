package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
  @TempDir Path folder;

  @Test
  void trainsAndShowsTheResult() throws Exception {
    Path output = folder.resolve("model");
    String data = Path.of("data/quickstart").toAbsolutePath().toString();

    String shown = outputOf(() -> Quickstart.main(new String[] {data, output.toString(), "3"}));

    assertThat(shown)
        .contains("31,102 verses", "step 1/3", "step 3/3", "loss", "tokens/s", "ETA")
        .contains("model.embed_tokens", "lm_head", "[In the beginning]", output.toString());
    assertThat(output).isDirectoryContaining("glob:**/config.json");
    assertThat(output).isDirectoryContaining("glob:**/tokenizer.json");
    assertThat(output).isDirectoryContaining("glob:**/*.safetensors");
  }

  private interface Main {
    void run() throws Exception;
  }

  private static String outputOf(Main main) throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(written, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      main.run();
    } finally {
      System.setOut(console);
    }
    return written.toString(StandardCharsets.UTF_8);
  }
}
