package dev.penstock.spark.barrier;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * The folder where failed ranks leave what ended them. Spark reports the failure that reaches the
 * driver first, which is often that of a rank whose peer had vanished.
 */
final class FailureFiles {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SUFFIX = ".json";

  private final HadoopFolder folder;

  FailureFiles(String folder, Configuration conf) throws IOException {
    this.folder = HadoopFolder.of(folder, conf);
  }

  void write(RankFailure failure) throws IOException {
    folder.write("rank-%d%s".formatted(failure.rank(), SUFFIX), JSON.writeValueAsBytes(failure));
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
