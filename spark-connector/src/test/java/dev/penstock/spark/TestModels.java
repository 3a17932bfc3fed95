package dev.penstock.spark;

import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A model small enough to train in seconds, a real tokenizer, real text. */
public final class TestModels {
  static final int SEQ_LENGTH = 32;
  static final int STEPS = 6;
  static final int GLOBAL_BATCH_SIZE = 8;
  static final long SEED = 7;

  public static final String CONFIG =
      """
      {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
       "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4,
       "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 4096,
       "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "initializer_range": 0.02,
       "rope_theta": 10000.0, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
       "bos_token_id": 1, "eos_token_id": 2}
      """;

  private TestModels() {}

  /** Writes the tokenizer's files into a folder and returns its URI. */
  public static String tokenizer(Path folder) {
    try {
      Files.createDirectories(folder);
      TokenizerFiles files = TestingData.tokenizer();
      for (String name : files.names()) {
        Files.write(folder.resolve(name), files.bytes(name));
      }
      return folder.toUri().toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Dataset<Row> verses() {
    return TestSpark.texts(TestingData.verses().toArray(String[]::new));
  }

  /** A trainer over two ranks that writes below {@code folder}. */
  static CausalLMTrainer trainer(Path folder) {
    return new CausalLMTrainer()
        .setTokenizerPath(tokenizer(folder.resolve("tokenizer")))
        .setModelConfig(CONFIG)
        .setSeqLength(SEQ_LENGTH)
        .setPpSize(2)
        .setPpMicrobatchSize(2)
        .setGlobalBatchSize(GLOBAL_BATCH_SIZE)
        .setMaxSteps(STEPS)
        .setLearningRate(1e-2)
        .setSeed(SEED)
        .setProgressInterval(2)
        .setLivePage(false)
        .setOutputPath(folder.resolve("model").toUri().toString());
  }
}
