package dev.penstock.spark.barrier;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;

/**
 * The folder where failed ranks leave what ended them, while the run is under way. Spark reports
 * the failure that reaches the driver first, which is often that of a rank whose peer had vanished.
 */
final class FailureFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String UNDER_WAY = "under-way";
  private static final String SUFFIX = ".json";

  private final HadoopFolder folder;

  FailureFiles(String folder, Configuration conf) throws IOException {
    this.folder = HadoopFolder.of(folder, conf);
  }

  /** Called by the driver before the run. What it clears away later takes no file any more. */
  void open() throws IOException {
    folder.write(UNDER_WAY, new byte[0]);
  }

  /**
   * Leaves a failure.
   *
   * @param teller the rank that writes it, of itself or of another one
   * @return false if the run is over, so that nothing was written: a rank that was frozen may wake
   *     up long after
   */
  boolean write(int teller, RankFailure failure) throws IOException {
    if (!folder.exists(UNDER_WAY)) {
      return false;
    }
    folder.write(
        String.format(Locale.ROOT, "rank-%d-by-%d%s", failure.rank(), teller, SUFFIX),
        JSON.writeValueAsBytes(failure));
    if (!folder.exists(UNDER_WAY)) {
      folder.deleteAll(); // it was cleared away in between
      return false;
    }
    return true;
  }

  /** What there is so far. */
  List<RankFailure> read() throws IOException {
    List<RankFailure> failures = new ArrayList<>();
    for (String name : folder.list()) {
      if (name.endsWith(SUFFIX)) {
        failures.add(JSON.readValue(folder.read(name), RankFailure.class));
      }
    }
    return failures;
  }
}
