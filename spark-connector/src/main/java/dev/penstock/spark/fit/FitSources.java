package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.ResolvedPath;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;

/** Everything that a fit reads, to be held against where it writes. */
final class FitSources {
  private final Configuration conf;

  /** What each path is, by path. */
  private final Map<Path, String> meaningByPath = new LinkedHashMap<>();

  private FitSources(Configuration conf) {
    this.conf = conf;
  }

  static FitSources of(
      TrainerParams<?> params, RunInputs inputs, Dataset<?> dataset, Configuration conf) {
    FitSources sources = new FitSources(conf);
    ModelPaths start = inputs.start();
    if (start != null && start.adapter() == null) {
      sources.add(new Path(start.model()), "the model of modelPath");
    } else if (start != null) {
      sources.add(new Path(start.adapter()), "the adapters of modelPath");
      sources.add(new Path(start.model()), "the model that the adapters of modelPath adapt");
    }
    sources.add(new Path(inputs.tokenizerPath()), "the tokenizer");
    params
        .<String>valueIfAny(TrainerOption.PP_SCHEDULE_CSV)
        .filter(csv -> !ScheduleText.isText(csv))
        .ifPresent(path -> sources.add(new Path(path), "the schedule of ppScheduleCsv"));
    params
        .<String>valueIfAny(TrainerOption.CHAT_TEMPLATE)
        .filter(template -> !ChatTemplateText.isText(template))
        .ifPresent(path -> sources.add(new Path(path), "the chat template of chatTemplate"));
    for (String file : dataset.inputFiles()) {
      Path path = ofUri(file);
      // One look a folder is enough, however many files it has.
      sources.add(path.getParent() == null ? path : path.getParent(), "the rows: " + path);
    }
    return sources;
  }

  private static Path ofUri(String file) {
    try {
      return new Path(new URI(file));
    } catch (URISyntaxException | IllegalArgumentException e) {
      return new Path(file);
    }
  }

  private void add(Path path, String meaning) {
    meaningByPath.putIfAbsent(path, meaning);
  }

  /**
   * Makes sure that nothing of it lies where the fit writes.
   *
   * @param output the folder that becomes the model
   * @throws ConfigException naming what does
   */
  void checkApart(String output) throws IOException {
    ResolvedPath target = ResolvedPath.of(new Path(output), conf);
    for (Map.Entry<Path, String> source : meaningByPath.entrySet()) {
      ResolvedPath read = ResolvedPath.of(source.getKey(), conf);
      if (target.contains(read)) {
        throw new ConfigException(
            "outputPath %s, which is %s, holds what this fit reads: %s, in %s. Set outputPath to another folder."
                .formatted(output, target.path(), source.getValue(), read.path()));
      }
    }
  }
}
