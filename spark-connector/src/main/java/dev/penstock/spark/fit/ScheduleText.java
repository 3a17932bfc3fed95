package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** The CSV of ppScheduleCsv, which is the text itself or a file of it. */
final class ScheduleText {
  private ScheduleText() {}

  /** Whether a value is CSV: every schedule has cells, and no path has a comma or two lines. */
  static boolean isText(String value) {
    return value.indexOf(',') >= 0 || value.indexOf('\n') >= 0;
  }

  static @Nullable String read(TrainerParams<?> params, Configuration conf) throws IOException {
    Optional<String> value = params.valueIfAny(TrainerOption.PP_SCHEDULE_CSV);
    if (value.isEmpty() || isText(value.get())) {
      return value.orElse(null);
    }
    Path file = new Path(value.get());
    Path folder = file.getParent() == null ? new Path(Path.CUR_DIR) : file.getParent();
    try {
      byte[] bytes = HadoopFolder.of(folder.toString(), conf).read(file.getName());
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "There is no schedule at %s (ppScheduleCsv).".formatted(e.getFile()), e);
    }
  }
}
