package dev.penstock.spark.track;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import dev.penstock.spark.fs.GrowingFile;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.FitListener;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * {@code metrics.jsonl} as a run goes: a line a step, flushed. A step that is followed by a
 * validation gets its line once that is there. A run that goes on from a checkpoint keeps the lines
 * of the steps before it.
 *
 * <p>It may miss steps that took a few milliseconds; {@link #complete} makes the file anew from the
 * whole history, once that is there.
 */
public final class MetricsLog implements FitListener {
  private static final String FILE = ModelContents.METRICS;
  private static final int MAX_BYTES = 1 << 28;

  private final HadoopFolder folder;
  private final @Nullable HadoopFolder earlier;
  private final boolean validates;
  private long numSteps;
  private int validationInterval;
  private String kept = "";
  private @Nullable GrowingFile file;
  private @Nullable StepReport held;

  /**
   * @param folder where it is written
   * @param earlier the folder of the checkpoint that the run goes on from; null: it begins anew
   * @param validates whether there are validations
   */
  public MetricsLog(HadoopFolder folder, @Nullable HadoopFolder earlier, boolean validates) {
    this.folder = folder;
    this.earlier = earlier;
    this.validates = validates;
  }

  /** Writes the file of a run that is over. */
  public static void complete(
      HadoopFolder folder, List<StepReport> steps, List<ValidationReport> validations)
      throws IOException {
    folder.write(FILE, MetricsLine.of(steps, validations).getBytes(UTF_8));
  }

  @Override
  public void on(FitEvent event) throws IOException {
    if (event instanceof FitEvent.Planned planned) {
      numSteps = planned.numSteps();
      validationInterval = planned.validationInterval();
    } else if (event instanceof FitEvent.AttemptStarted started && started.attempt() == 1) {
      kept = linesUntil(started.afterStep());
    } else if (event instanceof FitEvent.Stepped stepped) {
      release(null);
      held = stepped.report();
      if (!isValidated(held.step())) {
        release(null);
      }
    } else if (event instanceof FitEvent.Validated validated) {
      release(validated.report());
    } else if (event instanceof FitEvent.Completed completed
        && folder.exists(FILE)) { // where the run's own folder is gone, it has gone with it
      closeFile();
      complete(folder, completed.steps(), completed.validations());
    }
  }

  private boolean isValidated(long step) {
    return validates
        && (step == numSteps || (validationInterval > 0 && step % validationInterval == 0));
  }

  /** Writes the line of a step that waits for its validation. */
  private void release(@Nullable ValidationReport validation) throws IOException {
    StepReport step = held;
    held = null;
    if (step != null) {
      boolean follows = validation != null && validation.step() == step.step();
      append(MetricsLine.of(step, follows ? validation : null));
    }
  }

  private void append(String line) throws IOException {
    GrowingFile growing = file;
    if (growing == null) {
      growing = GrowingFile.create(folder, FILE);
      file = growing;
      growing.append((kept + line).getBytes(UTF_8));
      kept = "";
    } else {
      growing.append(line.getBytes(UTF_8));
    }
  }

  private String linesUntil(long step) throws IOException {
    if (step == 0 || earlier == null || !earlier.exists(FILE)) {
      return "";
    }
    StringBuilder lines = new StringBuilder();
    for (String line : new String(earlier.read(FILE, MAX_BYTES), UTF_8).lines().toList()) {
      OptionalLong at = MetricsLine.stepOf(line);
      if (at.isPresent() && at.getAsLong() <= step) {
        lines.append(line).append('\n');
      }
    }
    return lines.toString();
  }

  @Override
  public void close() throws IOException {
    release(null);
    closeFile();
  }

  private void closeFile() throws IOException {
    GrowingFile growing = file;
    file = null;
    if (growing != null) {
      growing.close();
    }
  }
}
