package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.TestHdfs;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HdfsIT {
  @TempDir Path folder;

  @Test
  void fitSaveAndLoadOnHdfs() throws Exception {
    try (SparkSession spark = TestSpark.session()) {
      String root = TestHdfs.newFolder();
      CausalLMModel model =
          TestModels.trainer(folder)
              .setOutputPath(root + "/model")
              .setStagingDir(root + "/staging")
              .fit(TestModels.verses());
      model.save(root + "/saved");

      CausalLMModel loaded = CausalLMModel.load(root + "/saved");

      assertThat(loaded.modelPath()).isEqualTo(root + "/saved/data");
      assertThat(loaded.transform(TestModels.verses()).first())
          .isEqualTo(model.transform(TestModels.verses()).first());
      HadoopFolder staging =
          HadoopFolder.of(root + "/staging", spark.sparkContext().hadoopConfiguration());
      assertThat(staging.list()).isEmpty();
    }
  }

  @Test
  void adaptersFindTheirModelFromAnotherFileSystem() throws Exception {
    try (SparkSession spark = TestSpark.session()) {
      String root = TestHdfs.newFolder();
      String base = TestModels.trainer(folder).fit(TestModels.verses()).modelPath();
      CausalLMTrainer trainer =
          TestModels.trainer(folder)
              .setModelPath(base)
              .setLoraTargetModules(new String[] {"all-linear"})
              .setOutputPath(folder.resolve("adapters").toUri().toString());
      trainer.clear(trainer.modelConfig());
      CausalLMModel model = trainer.fit(TestModels.verses());
      model.save(root + "/saved");

      CausalLMModel loaded = CausalLMModel.load(root + "/saved");

      assertThat(loaded.transform(TestModels.verses()).first())
          .isEqualTo(model.transform(TestModels.verses()).first());
      trainer
          .setOutputPath(root + "/adapters")
          .setModelPath(loaded.modelPath())
          .setBaseModelPath(loaded.getBaseModelPath());
      HadoopFolder more =
          HadoopFolder.of(
              trainer.fit(TestModels.verses()).modelPath(),
              spark.sparkContext().hadoopConfiguration());
      assertThat(more.readText(AdapterFolder.CONFIG)).contains("\"" + base + "\"");
      assertThat(loaded.getBaseModelPath()).isEqualTo(base);
    }
  }
}
