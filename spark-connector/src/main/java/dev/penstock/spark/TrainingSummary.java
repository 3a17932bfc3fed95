package dev.penstock.spark;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import dev.penstock.spark.fit.FitOutcome;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import dev.penstock.spark.progress.LossCurve;
import dev.penstock.spark.progress.LossPlot;
import dev.penstock.spark.timeline.TimelineFiles;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** What happened in a fit: one value a step, the stages, and what became of the rows. */
public final class TrainingSummary
    implements org.apache.spark.ml.classification.TrainingSummary, Serializable {
  private static final long serialVersionUID = 1L;

  private final FitOutcome fit;

  TrainingSummary(FitOutcome fit) {
    this.fit = fit;
  }

  /** Mean loss over the counted tokens of each step, in nats; weighted, with weightCol. */
  @Override
  public double[] objectiveHistory() {
    return history(StepReport::loss);
  }

  /** Steps that were taken. */
  @Override
  public int totalIterations() {
    return steps().size();
  }

  /**
   * Steps in whose sequences no token counted in the loss, or only with weight 0: they have zero
   * loss and gradient, and changed neither the weights nor the optimizer's state.
   */
  public int numEmptySteps() {
    return (int) steps().stream().filter(StepReport::isEmpty).count();
  }

  /** 2-norm of the gradient of each step, over all ranks, before clipping. */
  public double[] gradNormHistory() {
    return history(StepReport::gradNorm);
  }

  /** Learning rate of each step. */
  public double[] learningRateHistory() {
    return history(StepReport::learningRate);
  }

  /** Wall time of each step, in seconds. */
  public double[] stepSeconds() {
    return history(StepReport::seconds);
  }

  /**
   * What it took to get the rows of each step, in seconds, where the first stage is; of several
   * replicas the one that took longest. The other ranks wait as long. Rows are read ahead, so this
   * is next to nothing after the first step, unless storage is too slow.
   */
  public double[] dataSeconds() {
    return fit.history().dataSeconds().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * Where the time of the fit went, in order and without gaps: plan (reading and checking what the
   * Params name), slots (waiting for as many task slots as ranks), ingest (texts to token shards),
   * launch (bringing tasks to executors and results back), natives (loading the native libraries),
   * connect (the ranks meet), build (allocating), weights (reading or drawing them), steps,
   * validation if there was one, checkpoint if any were made, save, complete (the files beside the
   * weights) and clean (removing the shards). From natives to save as the rank saw it that took
   * longest.
   */
  public Map<String, Double> phaseSeconds() {
    return Collections.unmodifiableMap(fit.phaseSeconds());
  }

  /**
   * Most memory that the process of each rank has held, in bytes, by rank; 0 where the system does
   * not tell. Ranks in one JVM share it.
   */
  public long[] peakBytes() {
    return fit.history().peakBytes().stream().mapToLong(Long::longValue).toArray();
  }

  /** The same after each step, of the rank whose process held most. */
  public long[] peakBytesHistory() {
    return steps().stream().mapToLong(StepReport::peakBytes).toArray();
  }

  /**
   * The memory of each pipeline rank as a table, in MB: what its weights, gradients, optimizer
   * moments and activations were expected to take before the run, how much more it would be without
   * recompute, and the most that its process really held, which includes the JVM and the native
   * libraries. Ranks in one JVM share that.
   */
  public String memoryTable() {
    return fit.memoryTable();
  }

  /** How often the fit began: 1, unless something died and it went on from a checkpoint. */
  public int attempts() {
    return fit.history().attempts().attempts();
  }

  /** The step of the checkpoint that the fit went on from when it was called; 0: none. */
  public long resumedAtStep() {
    return fit.history().attempts().resumedAtStep();
  }

  /** Steps that had to be taken once more, since what died was ahead of its last checkpoint. */
  public long stepsDoneAgain() {
    return fit.history().attempts().stepsDoneAgain();
  }

  /**
   * How long training stood still for checkpoints, in seconds: while state was copied, and while
   * one waited for the one before to be written. Of the last attempt and the rank it cost most.
   */
  public double checkpointSeconds() {
    return fit.history().attempts().stillSeconds();
  }

  /** What ended the attempts before the last one, and what went wrong with checkpoints. */
  public List<String> problems() {
    return fit.history().attempts().problems();
  }

  /** Tokens read in all steps, over all replicas. */
  public long tokensSeen() {
    return steps().stream().mapToLong(StepReport::tokens).sum();
  }

  /** Tokens per second over all steps. */
  public double tokensPerSecond() {
    return tokensSeen() / steps().stream().mapToDouble(StepReport::seconds).sum();
  }

  /** The loss over the steps as a small chart of characters. */
  public String lossCurve() {
    return LossCurve.draw(objectiveHistory());
  }

  /** The stages as a table: modules, parameters, share of the cost. */
  public String stageTable() {
    return fit.stageTable();
  }

  /**
   * What was odd about the model that the fit started from and did not keep it from being opened,
   * one sentence each: tensors that the model does not have, a head that is not the embedding's
   * though the config ties it, files that do not agree with their index.
   */
  public List<String> warnings() {
    return fit.warnings();
  }

  /** Rows of the data set. */
  public long numRows() {
    return fit.data().rows().rows();
  }

  /** Rows left out because their text was null. */
  public long numNullRows() {
    return fit.data().rows().nullRows();
  }

  /** Rows left out because their text was empty. */
  public long numEmptyRows() {
    return fit.data().rows().emptyRows();
  }

  /** Rows left out because they could not be read, by skipUnreadableRows. */
  public long numUnreadableRows() {
    return fit.data().unreadableRows();
  }

  /** Rows left out because their weight was null. */
  public long numNullWeightRows() {
    return fit.data().rows().nullWeightRows();
  }

  /** Rows left out because their weight was 0. */
  public long numZeroWeightRows() {
    return fit.data().rows().zeroWeightRows();
  }

  /** Rows with more than seqLength tokens that lost their end or beginning, by truncation. */
  public long numTruncatedRows() {
    return fit.data().packing().truncatedDocuments();
  }

  /** Training sequences of one pass over the data. */
  public long numSequences() {
    return fit.data().packing().sequences();
  }

  /** Tokens of one pass over the data, end-of-text tokens included. */
  public long numTokens() {
    return fit.data().packing().tokens();
  }

  /**
   * Tokens put in to fill up sequences to seqLength, which are not trained on. With packing none a
   * batch is padded to its longest row alone: tokensSeen counts what was computed.
   */
  public long numPaddingTokens() {
    return fit.data().packing().paddingTokens();
  }

  /**
   * Mean loss over the counted tokens of the validation rows, in nats, of each validation;
   * weighted, with weightCol.
   */
  public double[] validationHistory() {
    return fit.history().validations().stream().mapToDouble(ValidationReport::loss).toArray();
  }

  /** Steps taken before each validation. */
  public long[] validationSteps() {
    return fit.history().validations().stream().mapToLong(ValidationReport::step).toArray();
  }

  /** Steps taken before the validation with the lowest loss; 0 if there was no validation. */
  public long bestStep() {
    ValidationReport best = fit.history().best();
    return best == null ? 0 : best.step();
  }

  /**
   * Exponential of the loss of the weights that were saved: their validation loss, that is, the
   * lowest with restoreBestModel and the last without; if there was no validation, the training
   * loss of the last step.
   */
  public double perplexity() {
    return Math.exp(fit.history().savedLoss());
  }

  /**
   * Folder of {@code trace.json} for chrome://tracing or Perfetto, {@code timeline.svg} and {@code
   * timeline.png}, if timelineSteps were recorded.
   */
  public Optional<String> timelinePath() {
    return Optional.ofNullable(fit.history().timelinePath());
  }

  /**
   * The page of the fit, {@code report.html} beside the model, as HTML: {@code
   * displayHTML(model.summary().reportHtml())} shows it in a notebook of Databricks.
   *
   * @throws UncheckedIOException if the model's folder does not have it any more
   */
  public String reportHtml() {
    try {
      return folder(fit.modelPath()).readText(ModelContents.REPORT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Draws the loss of each step, and of the validations.
   *
   * @param path file on any Hadoop file system, whose name ends with .svg or .png
   * @throws IllegalArgumentException if it ends with neither
   */
  public void plotLoss(String path) {
    LossPlot plot = new LossPlot(fit.history().steps(), fit.history().validations());
    write(path, isPng(path) ? plot.png() : plot.svg().getBytes(UTF_8));
  }

  /**
   * Copies the drawing of the last pipeline step of all ranks below its plan.
   *
   * @param path file on any Hadoop file system, whose name ends with .svg or .png
   * @throws IllegalStateException if timelineSteps was not set
   * @throws IllegalArgumentException if the name ends with neither
   */
  public void plotTimeline(String path) {
    String name = isPng(path) ? TimelineFiles.PNG : TimelineFiles.SVG;
    String timeline =
        timelinePath()
            .orElseThrow(
                () -> new IllegalStateException("No step was timed. Set timelineSteps to 1."));
    try {
      write(path, folder(timeline).read(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isPng(String path) {
    if (!path.endsWith(".png") && !path.endsWith(".svg")) {
      throw new IllegalArgumentException(
          "%s must end with .svg or .png, the kinds of pictures there are.".formatted(path));
    }
    return path.endsWith(".png");
  }

  private static void write(String path, byte[] bytes) {
    Path file = new Path(path);
    String parent = file.getParent() == null ? "" : file.getParent().toString();
    try {
      folder(parent.isEmpty() ? "." : parent).write(file.getName(), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HadoopFolder folder(String path) throws IOException {
    return HadoopFolder.of(path, SparkSession.active().sparkContext().hadoopConfiguration());
  }

  /** All of these values as JSON, by the names of the methods; NaN and infinity as strings. */
  public String toJson() {
    return SummaryFile.toJson(this);
  }

  @Override
  public String toString() {
    double[] losses = objectiveHistory();
    return String.format(
        Locale.ROOT,
        "TrainingSummary: %d steps, loss %.4f to %.4f, perplexity %.2f, %,d tokens at %,.0f a"
            + " second",
        totalIterations(),
        losses.length == 0 ? Double.NaN : losses[0],
        losses.length == 0 ? Double.NaN : losses[losses.length - 1],
        perplexity(),
        tokensSeen(),
        tokensPerSecond());
  }

  private List<StepReport> steps() {
    return fit.history().steps();
  }

  private double[] history(ToDoubleFunction<StepReport> value) {
    return steps().stream().mapToDouble(value).toArray();
  }
}
