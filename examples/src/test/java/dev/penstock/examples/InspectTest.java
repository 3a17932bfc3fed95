package dev.penstock.examples;

import static org.apache.spark.sql.Encoders.STRING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.CausalLMTrainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {
  private static final String MODEL =
      """
      {"model_type": "llama", "hidden_act": "silu", "hidden_size": 8, "intermediate_size": 16,
       "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1,
       "vocab_size": 4096, "max_position_embeddings": 64, "rms_norm_eps": 1e-6,
       "tie_word_embeddings": true}
      """;

  @TempDir Path folder;

  @Test
  void everyCheckpointIsToldWithItsChecksums() throws IOException {
    String checkpoints = folder.resolve("kept").toUri().toString(); // as of any file system
    train(checkpoints);
    assertThat(inspect(checkpoints))
        .startsWith("whole\n")
        .contains("/step-00000002\n", "step         2 (epoch ", ", row 4)", "checksums    ok")
        .contains("weight ", "exp_avg ", "parallel.ppSize = 1");
    assertThat(inspect(checkpoints + "/step-00000002")).startsWith("whole\n");
    flip(folder.resolve("kept/step-00000002"));
    assertThat(inspect(checkpoints))
        .startsWith("damaged\n")
        .containsOnlyOnce("checksums    ok")
        .containsOnlyOnce("checksums    not ok: ")
        .contains("is damaged in the piece from byte 0 on");
    assertThat(inspect(folder.toUri().toString()))
        .startsWith("damaged\n")
        .contains("There is no complete checkpoint in ");
  }

  private void train(String checkpoints) throws IOException {
    try (SparkSession spark =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", false).getOrCreate()) {
      train(checkpoints, spark.createDataset(List.of("In the beginning", "God created"), STRING()));
    }
  }

  private void train(String checkpoints, Dataset<String> texts) {
    new CausalLMTrainer()
        .setInputCol("value")
        .setTokenizerPath(Path.of("data", "quickstart").toAbsolutePath().toString())
        .setModelConfig(MODEL)
        .setSeqLength(16)
        .setGlobalBatchSize(2)
        .setMaxSteps(2)
        .setCheckpointPath(checkpoints)
        .setCheckpointInterval(1)
        .setOutputPath(folder.resolve("model").toString())
        .fit(texts);
  }

  private static String inspect(String location) throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    boolean whole;
    try (PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8)) {
      whole = Inspect.inspect(location, out);
    }
    return (whole ? "whole\n" : "damaged\n") + written.toString(StandardCharsets.UTF_8);
  }

  private static void flip(Path checkpoint) throws IOException {
    try (var files = Files.newDirectoryStream(checkpoint, "*.safetensors")) {
      Path file = files.iterator().next();
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }
  }
}
