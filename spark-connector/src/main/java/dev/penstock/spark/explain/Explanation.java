package dev.penstock.spark.explain;

import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.plan.Finding;
import dev.penstock.engine.plan.Forecast;
import dev.penstock.engine.plan.LayoutSearch;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.spark.fit.DataPlan;
import dev.penstock.spark.fit.PlannedRun;
import dev.penstock.spark.fit.RunInputs;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What a run is expected to be.
 *
 * @param forecast the run as it is
 * @param warnings what its user should know, greatest harm first
 * @param change the one change that would help most
 * @param suggestions other layouts, the fastest first; null: none were asked for
 * @param rows how its rows come
 * @param data what it is trained on; null: not known
 * @param run all of its steps; empty: only the data would tell
 */
public record Explanation(
    Forecast forecast,
    List<Warning> warnings,
    Optional<Forecast> change,
    @Nullable List<Forecast> suggestions,
    DataPlan rows,
    @Nullable DataVolume data,
    Optional<ExpectedRun> run) {
  private static final int SUGGESTIONS = 3;

  public Explanation {
    warnings = List.copyOf(warnings);
  }

  /**
   * What is asked for.
   *
   * @param device a GPU's name, {@code cpu} or {@code cpu:measured}; null: what the Params say
   * @param suggestDevices of how many devices other layouts are wanted; null: of none
   * @param data what is trained on, as far as that is known; null: not at all
   */
  public record Request(
      @Nullable String device, @Nullable Integer suggestDevices, @Nullable DataVolume data) {}

  /**
   * Explains a fit on a frame, of which no row is read unless the driver has it: on the device of
   * the Params, without other layouts.
   *
   * @throws dev.penstock.engine.config.ConfigException if Params and columns do not go together
   */
  public static Explanation ofFit(TrainerParams<?> params, Dataset<?> frame) throws IOException {
    RunInputs.check(params, frame.schema());
    DataVolume data = FrameVolume.of(params, frame).orElse(null);
    SparkContext spark = frame.sparkSession().sparkContext();
    return of(params, spark.hadoopConfiguration(), new Request(null, null, data), spark, List.of());
  }

  /**
   * Explains a fit on some frame of a schema, as {@link #ofFit(TrainerParams, Dataset)} does.
   *
   * @throws dev.penstock.engine.config.ConfigException if Params and columns do not go together
   */
  public static Explanation ofFit(TrainerParams<?> params, StructType schema, SparkContext spark)
      throws IOException {
    RunInputs.check(params, schema);
    return of(params, spark.hadoopConfiguration(), new Request(null, null, null), spark, List.of());
  }

  /**
   * Explains a run by its Params and the model's config.json.
   *
   * @param spark the cluster; null: none is at hand
   * @param others what is known to be odd beside
   * @throws dev.penstock.engine.config.ConfigException if no run can be made of them
   */
  public static Explanation of(
      TrainerParams<?> params,
      Configuration conf,
      Request request,
      @Nullable SparkContext spark,
      List<Warning> others)
      throws IOException {
    PlannedRun run = PlannedRun.read(params, conf);
    String name =
        request.device == null ? ExplainDevices.byParam(params.getDevice()) : request.device;
    int cores = params.<Integer>valueIfAny(TrainerOption.THREADS_PER_RANK).orElse(1);
    TrainingPlan plan = TrainingPlan.of(run.config());
    DeviceProfile device = ExplainDevices.of(name, cores, plan);
    Forecast forecast = Forecast.of(plan, device, run.extras());
    LayoutSearch search = new LayoutSearch(run.config(), device, run.extras());
    DataPlan rows = DataPlan.of(params, run.config().parallel(), spark);
    List<Warning> warnings = new ArrayList<>();
    Finding.of(forecast).forEach(finding -> warnings.add(Warning.of(finding)));
    rows.warnings().forEach(text -> warnings.add(Warning.ofDataMode(text)));
    warnings.addAll(others);
    return new Explanation(
        forecast,
        warnings,
        search.bestChange(forecast),
        request.suggestDevices == null ? null : search.best(request.suggestDevices, SUGGESTIONS),
        rows,
        request.data,
        ExpectedRun.of(forecast, sequences(params, request.data, forecast)));
  }

  private static @Nullable Long sequences(
      TrainerParams<?> params, @Nullable DataVolume data, Forecast forecast) {
    boolean packed = params.getPacking().equals("packed");
    int length = forecast.plan().config().batch().seqLength();
    return data == null ? null : (Long) data.sequences(length, packed);
  }

  /** For people, in at most 100 columns. */
  public String text() {
    return new ExplanationText(this).draw();
  }

  /** For programs. */
  public String json() {
    return ExplanationJson.of(this);
  }
}
