package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TestModels;
import dev.penstock.spark.TestSpark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class InspectCommandTest {
  @TempDir static Path folder;

  private static String checkpoints;

  @BeforeAll
  static void train() {
    checkpoints = folder.resolve("kept").toUri().toString(); // as of any file system
    new CausalLMTrainer()
        .setTokenizerPath(TestModels.tokenizer(folder.resolve("tokenizer")))
        .setModelConfig(TestModels.CONFIG)
        .setSeqLength(16)
        .setGlobalBatchSize(2)
        .setMaxSteps(2)
        .setCheckpointPath(checkpoints)
        .setCheckpointInterval(1)
        .setOutputPath(folder.resolve("model").toString())
        .fit(TestSpark.texts("In the beginning God created", "the heaven and the earth"));
  }

  @Test
  void everyCheckpointIsToldWithItsChecksums() throws IOException {
    assertThat(inspect(checkpoints))
        .startsWith("0\n")
        .contains("/step-00000002\n", "step         2 (epoch ", ", row 4)", "checksums    ok")
        .contains("weight ", "exp_avg ", "parallel.ppSize = 1");
    assertThat(inspect(checkpoints + "/step-00000002")).startsWith("0\n");
    Path last = folder.resolve("kept/step-00000002");
    byte[] whole = flip(last, ".safetensors");
    assertThat(inspect(checkpoints))
        .startsWith("1\n")
        .containsOnlyOnce("checksums    ok")
        .containsOnlyOnce("checksums    not ok: ")
        .contains("is damaged in the piece from byte ");
    Files.write(file(last, ".safetensors"), whole);
    assertThat(inspect(folder.toUri().toString()))
        .startsWith("1\n")
        .contains("There is neither a model (config.json) nor a complete checkpoint in ");
  }

  @Test
  void modelIsToldByItsHeaders() throws IOException {
    String model = folder.resolve("model").toString();
    assertThat(inspect(model))
        .startsWith("0\n")
        .contains("llama, 4 layers of 32, vocabulary 4,096, 64 positions\n")
        .contains("every tensor that config.json calls for", "generation_config.json")
        .containsPattern("f32 +[\\d,]+ bytes");
    Path config = folder.resolve("model/config.json");
    String whole = Files.readString(config);
    Files.writeString(
        config, whole.replaceFirst("\"num_hidden_layers\" : 4", "\"num_hidden_layers\" : 5"));
    assertThat(inspect(model)).startsWith("1\n").contains("not ok: ", "model.layers.4.");
    Files.writeString(config, whole);
  }

  @Test
  void weightsThatAreNoneAreToldInASentence() throws IOException {
    Path clone = Files.createDirectories(folder.resolve("clone"));
    Files.copy(folder.resolve("model/config.json"), clone.resolve("config.json"));
    assertThat(inspect(clone.toString()))
        .startsWith("1\n")
        .contains("weights      not ok: ", "has neither model.safetensors nor")
        .doesNotContain("\tat ");
    Files.writeString(
        clone.resolve("model.safetensors"), "version https://git-lfs.github.com/spec/v1\n");
    assertThat(inspect(clone.toString()))
        .startsWith("1\n")
        .contains("weights      not ok: ", "git lfs pull")
        .doesNotContain("\tat ");
    Files.writeString(clone.resolve("adapter_config.json"), "{}");
    assertThat(inspect(clone.toString())).contains("model        adapters");
  }

  @Test
  void pathThatIsNoneIsTheUsersToChange() {
    assertThat(inspect("nowhere://there/model"))
        .startsWith("2\n")
        .contains("'nowhere://there/model'");
    assertThat(inspect(folder.resolve("missing").toString())).startsWith("1\n");
  }

  /** The exit code, and what was printed. */
  private static String inspect(String location) {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out, true);
    int code = Penstock.run(List.of("inspect", location), writer, writer);
    return code + "\n" + out;
  }

  /** Changes a bit of a file; returns what it was. */
  private static byte[] flip(Path checkpoint, String suffix) throws IOException {
    Path file = file(checkpoint, suffix);
    byte[] bytes = Files.readAllBytes(file);
    byte[] damaged = bytes.clone();
    damaged[bytes.length / 2] ^= 1;
    Files.write(file, damaged);
    return bytes;
  }

  private static Path file(Path checkpoint, String suffix) throws IOException {
    try (var files = Files.newDirectoryStream(checkpoint, "*" + suffix)) {
      return files.iterator().next();
    }
  }
}
