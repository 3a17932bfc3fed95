package dev.penstock.spark.fit;

import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
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
    return ParamFile.read(value.get(), "schedule", "ppScheduleCsv", conf);
  }
}
