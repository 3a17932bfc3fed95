package dev.penstock.sparks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.CausalLMTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart as the program of a user who has another Spark than the jars were built for. */
@Timeout(300)
class QuickstartIT {
  private static final Path DATA = Path.of("../../examples/data/quickstart").toAbsolutePath();
  private static final int STEPS = 12;
  private static final double ROUNDING = 1e-5;

  private static SparkSession spark;
  private static Dataset<Row> verses;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("penstock-sparks")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executor.heartbeatInterval", "1s")
            .getOrCreate();
    verses =
        spark
            .read()
            .option("header", true)
            .option("sep", "\t")
            .csv(DATA.resolve("kjv.tsv.gz").toUri().toString())
            .limit(200);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void sparkIsTheOneThatWasMeant() {
    assertThat(spark.version()).isEqualTo(System.getProperty("penstock.spark.version"));
    assertThat(scala.util.Properties.versionNumberString())
        .startsWith(System.getProperty("penstock.scala.version"));
  }

  @Test
  void modelIsTrainedSavedLoadedAndUsed() throws IOException {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    CausalLMTrainer trainer =
        new CausalLMTrainer()
            .setTokenizerPath(DATA.toUri().toString())
            .setModelConfig(Files.readString(DATA.resolve("config.json")))
            .setSeqLength(64)
            .setPpSize(2)
            .setPpMicrobatchSize(2)
            .setGlobalBatchSize(4)
            .setMaxSteps(STEPS)
            .setLearningRate(1e-3)
            .setProgressInterval(1)
            .setProgressLines(lines::add)
            .setLivePage(false)
            .setOutputPath(folder.resolve("model").toUri().toString());
    PipelineModel trained = new Pipeline().setStages(new PipelineStage[] {trainer}).fit(verses);
    double[] losses = ((CausalLMModel) trained.stages()[0]).summary().objectiveHistory();
    assertThat(losses).hasSize(STEPS);
    assertThat(losses[STEPS - 1]).isLessThan(losses[0]);
    assertThat(lines).hasSize(STEPS).first().asString().startsWith("step 1/12  loss 8.");

    String saved = folder.resolve("saved").toUri().toString();
    trained.write().save(saved);
    PipelineModel loaded = PipelineModel.load(saved);
    assertThat(scores(loaded.transform(verses.limit(40)))).hasSize(40);
    assertThat(scores(loaded.transform(verses.limit(3))).get(2))
        .isCloseTo(scores(trained.transform(verses.limit(3))).get(2), within(ROUNDING));
    assertThat(((CausalLMModel) loaded.stages()[0]).generate("In the beginning", 4)).isNotNull();
  }

  private static List<Double> scores(Dataset<Row> scored) {
    return scored.select("nll").collectAsList().stream().map(row -> row.getDouble(0)).toList();
  }
}
