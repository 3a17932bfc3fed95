package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.TestS3;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class S3IT {
  @TempDir Path folder;

  @Test
  void fitStagesAndSavesInAnObjectStore() throws Exception {
    try (SparkSession spark = TestSpark.session()) {
      Configuration conf = TestS3.configure(spark.sparkContext().hadoopConfiguration());
      String root = TestS3.newFolder();
      CausalLMModel model =
          TestModels.trainer(folder)
              .setMaxSteps(2)
              .setTimelineSteps(1)
              .setOutputPath(root + "/model")
              .setStagingDir(root + "/staging")
              .fit(TestModels.verses());

      assertThat(HadoopFolder.of(root + "/model", conf).list())
          .contains("config.json", "metrics.jsonl", "model-00001-of-00002.safetensors");
      assertThat(HadoopFolder.of(model.summary().timelinePath().orElseThrow(), conf).list())
          .containsExactly("timeline.png", "timeline.svg", "trace.json");
      assertThat(model.transform(TestModels.verses()).first().<Double>getAs("nll")).isPositive();
      assertThat(HadoopFolder.of(root + "/staging", conf).listAll()).isEmpty();
      assertThat(HadoopFolder.of(root + "/model", conf).listAll()).hasSize(11 + 3);
    }
  }

  @Test
  void modelIsReplacedByAWholeOneOrNotAtAll() throws Exception {
    try (SparkSession spark = TestSpark.session()) {
      Configuration conf = TestS3.configure(spark.sparkContext().hadoopConfiguration());
      String root = TestS3.newFolder();
      HadoopFolder output = HadoopFolder.of(root + "/model", conf);
      CausalLMTrainer trainer =
          TestModels.trainer(folder)
              .setMaxSteps(1)
              .setOverwriteOutput(true)
              .setOutputPath(output.location());
      CausalLMModel model = trainer.fit(TestModels.verses());
      model.save(root + "/saved");
      String index = output.readText("model.safetensors.index.json");
      List<String> before = output.listAll();

      trainer.setMaxSteps(20).setLearningRate(1e30).setMaxGradNorm(0);
      assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
          .isInstanceOf(TrainingFailedException.class);
      assertThat(output.listAll()).isEqualTo(before);
      assertThat(output.readText("model.safetensors.index.json")).isEqualTo(index);

      trainer.setMaxSteps(3).setLearningRate(1e-2).setMaxGradNorm(1);
      CausalLMModel second = trainer.fit(TestModels.verses());
      assertThat(output.listAll())
          .hasSize(before.size())
          .doesNotContain("model-00001-of-00002.safetensors");
      double nll = second.transform(TestModels.verses()).first().<Double>getAs("nll");
      double old =
          CausalLMModel.load(root + "/saved")
              .transform(TestModels.verses())
              .first()
              .<Double>getAs("nll");
      assertThat(nll).isLessThan(old - 0.01);

      second.write().overwrite().save(root + "/saved");
      CausalLMModel loaded = CausalLMModel.load(root + "/saved");
      assertThat(loaded.transform(TestModels.verses()).first().<Double>getAs("nll")).isEqualTo(nll);
      assertThatThrownBy(() -> loaded.write().overwrite().save(root))
          .hasMessageContaining("the model itself lies there");
    }
  }
}
