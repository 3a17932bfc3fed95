package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.TestHdfs;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
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
      assertThat(staging.listAll()).isEmpty();
    }
  }

  @Test
  void modelIsReplacedByAWholeOneOrNotAtAll() throws Exception {
    try (SparkSession spark = TestSpark.session()) {
      String root = TestHdfs.newFolder();
      HadoopFolder output =
          HadoopFolder.of(root + "/model", spark.sparkContext().hadoopConfiguration());
      CausalLMTrainer trainer =
          TestModels.trainer(folder)
              .setMaxSteps(1)
              .setOverwriteOutput(true)
              .setOutputPath(output.location());
      CausalLMModel model = trainer.fit(TestModels.verses());
      model.save(root + "/saved");
      Row before = model.transform(TestModels.verses()).first();
      List<String> files = output.listAll();

      trainer.setMaxSteps(20).setLearningRate(1e30).setMaxGradNorm(0);
      assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
          .isInstanceOf(TrainingFailedException.class);
      assertThat(output.listAll()).isEqualTo(files);
      assertThat(model.transform(TestModels.verses()).first()).isEqualTo(before);

      trainer.setMaxSteps(3).setLearningRate(1e-2).setMaxGradNorm(1);
      CausalLMModel second = trainer.fit(TestModels.verses());
      assertThat(output.listAll()).isEqualTo(files);
      second.write().overwrite().save(root + "/saved");
      CausalLMModel loaded = CausalLMModel.load(root + "/saved");
      assertThat(loaded.transform(TestModels.verses()).first())
          .isEqualTo(second.transform(TestModels.verses()).first())
          .isNotEqualTo(before);
      trainer.clear(trainer.modelConfig());
      String otherSpelling = root.replaceFirst("^hdfs://[^/]+", "hdfs://127.0.0.1:" + port(root));
      trainer.setModelPath(output.location()).setOutputPath(otherSpelling + "/x/../model");
      assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("holds what this fit reads");
    }
  }

  private static int port(String uri) {
    return URI.create(uri).getPort();
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
