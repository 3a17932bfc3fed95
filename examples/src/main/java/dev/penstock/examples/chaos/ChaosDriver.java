package dev.penstock.examples.chaos;

import dev.penstock.spark.CausalLMTrainer;
import java.io.IOException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The driver that {@link Chaos} starts: a short training over two executors with checkpoints. */
final class ChaosDriver {
  private static final String MODEL =
      """
      {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
       "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 4,
       "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 4096,
       "max_position_embeddings": 128, "rms_norm_eps": 1e-6, "tie_word_embeddings": false,
       "bos_token_id": 1, "eos_token_id": 2}
      """;

  private ChaosDriver() {}

  /**
   * Trains.
   *
   * @param args the quickstart's data, the folder of the model, that of the checkpoints, the number
   *     of steps, and the seed of what fails
   */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local-cluster[2,1,1024]")
            .appName("penstock-chaos")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executor.memory", "512m")
            .config("spark.executor.heartbeatInterval", "1s")
            .config("spark.hadoop.fs." + FaultyDisk.SCHEME + ".impl", FaultyDisk.class.getName())
            .config("spark.hadoop.fs." + FaultyStore.SCHEME + ".impl", FaultyStore.class.getName())
            .config("spark.hadoop." + Faults.FOLDER, args[2])
            .config("spark.hadoop." + Faults.SEED, args[4])
            .config("spark.executor.extraJavaOptions", DriverProcess.SHORT_LIVED)
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .getOrCreate()) {
      Dataset<Row> verses =
          spark
              .read()
              .option("header", true)
              .option("sep", "\t")
              .csv(args[0] + "/kjv.tsv.gz")
              .limit(2000);
      trainer(args).fit(verses);
    }
  }

  private static CausalLMTrainer trainer(String[] args) {
    return new CausalLMTrainer()
        .setTokenizerPath(args[0])
        .setModelConfig(MODEL)
        .setSeqLength(64)
        .setPpSize(2)
        .setGlobalBatchSize(8)
        .setMaxSteps(Integer.parseInt(args[3]))
        .setLearningRate(1e-3)
        .setCheckpointInterval(5)
        .setMaxAttempts(20)
        .setHeartbeatTimeout(4)
        .setProgressInterval(1)
        .setProgressLines(System.out::println)
        .setOutputPath(args[1])
        .setCheckpointPath(args[2])
        .setOverwriteOutput(true);
  }
}
