package dev.penstock.spark.barrier;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.interop.JavaBytes;
import dev.penstock.spark.progress.RunReports;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * What the reporting rank had told before the run failed. Spark drops what accumulators hold of a
 * task that fails, but for what a heartbeat brought before, and a run may fail before the first.
 *
 * @param steps the latest steps, oldest first
 * @param validations likewise
 */
record LastReports(List<StepReport> steps, List<ValidationReport> validations)
    implements Serializable {
  private static final String FILE = "reports";

  /** Called by every rank that fails; one alone has reports. */
  static void leave(RunReports reports, HadoopFolder folder) throws IOException {
    LastReports last = new LastReports(reports.latestSteps(), reports.latestValidations());
    if (!last.steps.isEmpty()) {
      folder.write(FILE, JavaBytes.of(last));
    }
  }

  static Optional<LastReports> read(HadoopFolder folder) throws IOException {
    return folder.list().contains(FILE)
        ? Optional.of(JavaBytes.read(folder.read(FILE), LastReports.class))
        : Optional.empty();
  }
}
