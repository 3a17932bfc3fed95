package dev.penstock.spark.track;

import static java.util.Objects.requireNonNull;

import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.FitListener;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Event files for TensorBoard, in a folder for each run. A fit that goes on with a run writes a new
 * file into the folder of that run, which tells TensorBoard to forget the steps that are done
 * again.
 */
public final class TensorBoardLog implements FitListener {
  private final String path;
  private final Configuration conf;
  private @Nullable String run;
  private @Nullable EventFile file;

  /**
   * @param path what {@code tensorboard --logdir} is given, on any Hadoop file system
   */
  public TensorBoardLog(String path, Configuration conf) {
    this.path = path;
    this.conf = conf;
  }

  @Override
  public void on(FitEvent event) throws IOException {
    if (event instanceof FitEvent.Planned planned) {
      run = planned.run();
    } else if (event instanceof FitEvent.AttemptStarted started && started.attempt() == 1) {
      HadoopFolder folder = HadoopFolder.of(new Path(path, folderName()).toString(), conf);
      long start = started.afterStep() == 0 ? 0 : started.afterStep() + 1;
      file = EventFile.create(folder, start);
    } else if (file == null) {
      return; // it could not be made
    } else if (event instanceof FitEvent.Stepped stepped) {
      file.scalars(stepped.report().step(), Metrics.of(stepped.report()));
    } else if (event instanceof FitEvent.Validated validated) {
      file.scalars(validated.report().step(), Metrics.of(validated.report()));
    }
  }

  private String folderName() {
    return requireNonNull(run, "not planned").replaceAll("[^-._0-9A-Za-z]", "_");
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
