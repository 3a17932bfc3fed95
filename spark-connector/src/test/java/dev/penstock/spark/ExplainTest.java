package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
  private static final StructType TEXTS = new StructType().add("text", DataTypes.StringType);

  @TempDir Path folder;

  @BeforeAll
  static void session() {
    TestSpark.session();
  }

  @Test
  void trainerTellsWhatItsFitWouldBe() {
    CausalLMTrainer trainer = TestModels.trainer(folder);
    assertThat(trainer.explain(TEXTS))
        .contains("2 pipeline ranks x 1 replica = 2 devices (cpu), float32")
        .contains("1F1B, 2 stages, 4 microbatches of 2 x 32 tokens, 1 pipeline step a step")
        .contains("Run: 6 steps, 1,536 tokens, ")
        .contains("model.embed_tokens, model.layers.0");
    assertThatThrownBy(() -> trainer.explain(new StructType()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("text");
    trainer.setModelPath(folder.resolve("missing").toString()).clear(trainer.modelConfig());
    assertThatThrownBy(() -> trainer.explain(TEXTS))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("There is no config.json in ");
  }

  @Test
  void slotForAStreamIsLookedFor() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setDataMode("stream");
    assertThat(trainer.explain(TEXTS))
        .contains("Data      stream: one pass, tokenized while training, at most 12 partitions")
        .doesNotContain("needs a task slot");
    assertThat(words(trainer.setPpSize(4).explain(TEXTS)))
        .contains("dataMode stream needs a task slot beside the 4 ranks to tokenize in, but they")
        .contains("master local[5] gives one. Without it the data are staged.");
    assertThat(words(trainer.setDpSize(2).setPpMicrobatchSize(1).explain(TEXTS)))
        .contains("a task slot beside the 8 ranks to tokenize in (master local[9], or one more");
    StructType held = TEXTS.add("held", DataTypes.BooleanType);
    trainer.setPpSize(2).setDpSize(1).setValidationIndicatorCol("held");
    assertThat(words(trainer.explain(held))).contains("Rows to validate on are staged before");
    trainer.setNumEpochs(2);
    assertThatThrownBy(() -> trainer.explain(held))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("with dataMode stream the rows are passed over once");
  }

  private static String words(String text) {
    return text.replaceAll("\\s+", " ");
  }

  /** Of rows that the driver has, and of files, without a job. */
  @Test
  void sizeOfTheDataFollowsFromThePlan() throws IOException {
    SparkSession spark = TestSpark.session();
    AtomicInteger jobs = new AtomicInteger();
    SparkListener counter =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            jobs.incrementAndGet();
          }
        };
    Files.writeString(folder.resolve("lines.txt"), ("x".repeat(39) + "\n").repeat(400));
    Dataset<Row> lines = spark.read().text(folder.resolve("lines.txt").toUri().toString());
    Dataset<Row> words = lines.toDF("text");
    CausalLMTrainer trainer = TestModels.trainer(folder).setNumEpochs(2);
    trainer.clear(trainer.maxSteps());
    Dataset<Row> local = TestSpark.texts("x".repeat(100), "y".repeat(60), "");
    Dataset<Row> cached = words.distinct().cache();
    assertThat(cached.count()).isEqualTo(1);
    spark.sparkContext().addSparkListener(counter);
    try {
      assertThat(trainer.explain(local))
          .contains("about 40 tokens, 2 rows in a pass (160 characters, taken for 4 a token)")
          .contains("Run: 1 steps, 256 tokens");
      assertThat(trainer.explain(words))
          .contains(
              "about 4,000 tokens, 400 rows in a pass (1 file, 0.0 MB of text, taken for 4 bytes a token)")
          .contains("Run: 32 steps, ");
      assertThat(trainer.explain(words.union(words).filter("text != 'y'").repartition(3)))
          .contains("about 8,000 tokens, 800 rows", "a token, before filters)");
      assertThat(trainer.explain(words.limit(100))).contains("about 1,000 tokens, 100 rows");
      assertThat(trainer.explain(words.distinct()))
          .contains(", 1 rows in a pass (0.0 MB by Spark's");
      assertThat(trainer.explain(words.groupBy("text").count())).contains("Run: 2 passes of the");
      assertThat(
              trainer.explain(
                  words.as(Encoders.STRING()).map(UPPER, Encoders.STRING()).toDF("text")))
          .as("rows that code of the user makes")
          .contains("Run: 2 passes of the data;");
      CausalLMTrainer tokens = trainer.copy(ParamMap.empty()).setTokensCol("ids");
      assertThat(tokens.explain(local.selectExpr("array(5, 6, 7) ids")))
          .contains("about 9 tokens, 3 rows in a pass (counted)");
    } finally {
      cached.unpersist();
      spark.sparkContext().removeSparkListener(counter);
    }
    assertThat(jobs).hasValue(0);
  }

  private static final MapFunction<String, String> UPPER = text -> text + "!";
}
