package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.TestS3;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
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
          .contains("config.json", "model-00001-of-00002.safetensors");
      assertThat(HadoopFolder.of(model.summary().timelinePath().orElseThrow(), conf).list())
          .containsExactly("timeline.png", "timeline.svg", "trace.json");
      assertThat(model.transform(TestModels.verses()).first().<Double>getAs("nll")).isPositive();
      assertThat(HadoopFolder.of(root + "/staging", conf).list()).isEmpty();
    }
  }
}
