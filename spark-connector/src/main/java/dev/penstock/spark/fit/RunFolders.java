package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.params.ModelParams;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;

/**
 * Where a fit writes.
 *
 * @param output the Hugging Face folder to come
 * @param staging what is deleted when the fit ends
 */
record RunFolders(String output, String staging) {
  /**
   * Finds the folders of a run.
   *
   * @throws ConfigException if the Params name none, or the output is not empty
   */
  static RunFolders of(ModelParams<?> params, String runId, SparkContext spark) throws IOException {
    String output = output(params, runId, spark);
    HadoopFolder folder = HadoopFolder.of(output, spark.hadoopConfiguration());
    if (!folder.list().isEmpty() && !params.getOverwriteOutput()) {
      throw new ConfigException(
          "outputPath %s is not empty. Use another folder, or set overwriteOutput."
              .formatted(folder.location()));
    }
    String staging =
        params.isDefined(params.stagingDir()) ? params.getStagingDir() : folder.location();
    return new RunFolders(folder.location(), child(staging, "_staging-" + runId));
  }

  private static String output(ModelParams<?> params, String runId, SparkContext spark)
      throws IOException {
    if (params.isDefined(params.outputPath())) {
      return params.getOutputPath();
    }
    if (params.isDefined(params.stagingDir())) {
      return child(params.getStagingDir(), runId);
    }
    if (spark.isLocal()) {
      return Files.createTempDirectory("penstock-" + runId).toUri().toString();
    }
    throw new ConfigException(
        "Set outputPath, or stagingDir for a folder of its own in there, to storage that all"
            + " executors share.");
  }

  private static String child(String folder, String name) {
    return new Path(folder, name).toString();
  }

  String timeline() {
    return child(output, "timeline");
  }

  String shards() {
    return child(staging, "shards");
  }

  String validationShards() {
    return child(staging, "validation");
  }

  String failures() {
    return child(staging, "_errors");
  }
}
