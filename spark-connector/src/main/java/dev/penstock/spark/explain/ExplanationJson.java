package dev.penstock.spark.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.DeviceProfile;
import dev.penstock.engine.plan.Forecast;
import dev.penstock.engine.plan.Layout;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.StageSummary;
import dev.penstock.engine.plan.StepForecast;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An explanation as one JSON object; bytes and seconds. */
final class ExplanationJson {
  private final Explanation explanation;

  private ExplanationJson(Explanation explanation) {
    this.explanation = explanation;
  }

  static String of(Explanation explanation) {
    try {
      return new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValueAsString(new ExplanationJson(explanation).report());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, Object> report() {
    Forecast forecast = explanation.forecast();
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("device", device(forecast.device()));
    report.put("layout", layout(forecast));
    report.put("stages", forecast.plan().stages().stream().map(ExplanationJson::stage).toList());
    report.put("bubble", forecast.step().bubble());
    report.put("memory", forecast.memory().stream().map(rank -> memory(forecast, rank)).toList());
    report.put("fits", forecast.fits());
    report.put("step", step(forecast.step()));
    report.put("dataMode", explanation.rows().mode());
    DataVolume data = explanation.data();
    report.put("data", data == null ? null : data(data));
    report.put("run", explanation.run().map(ExplanationJson::run).orElse(null));
    report.put("warnings", explanation.warnings().stream().map(ExplanationJson::warning).toList());
    report.put("change", explanation.change().map(this::other).orElse(null));
    List<Forecast> suggestions = explanation.suggestions();
    if (suggestions != null) {
      report.put("suggestions", suggestions.stream().map(this::other).toList());
    }
    return report;
  }

  private static Map<String, Object> device(DeviceProfile device) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", device.name());
    map.put("memoryBytes", device.memoryBytes());
    map.put("float32Flops", device.float32Flops());
    map.put("bfloat16Flops", device.bfloat16Flops());
    map.put("shareReached", device.shareReached());
    map.put("memoryBandwidth", device.memoryBandwidth());
    map.put("linkBandwidth", device.linkBandwidth());
    map.put("source", device.source());
    return map;
  }

  private static Map<String, Object> layout(Forecast forecast) {
    TrainingConfig config = forecast.plan().config();
    BatchConfig batch = config.batch();
    Layout layout = Layout.of(config);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("ppSize", layout.parallel().ppSize());
    map.put("dpSize", layout.parallel().dpSize());
    map.put("schedule", forecast.plan().schedule().name());
    map.put("stages", forecast.plan().schedule().numStages());
    map.put("microbatches", config.numMicrobatches());
    map.put("microbatchSize", layout.microbatchSize());
    map.put("pipelineSteps", batch.accumulationSteps(layout.parallel()));
    map.put("globalBatchSize", batch.globalBatchSize());
    map.put("seqLength", batch.seqLength());
    map.put("precision", layout.precision().toString());
    map.put("recompute", layout.recompute().toString());
    map.put("shardOptimizerState", layout.shardState());
    return map;
  }

  private static Map<String, Object> stage(StageSummary stage) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("stage", stage.stage());
    map.put("rank", stage.ppRank());
    map.put("modules", stage.modules());
    map.put("parameters", stage.parameters());
    map.put("costShare", stage.costShare());
    return map;
  }

  private static Map<String, Object> memory(Forecast forecast, MemoryEstimate rank) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rank", rank.ppRank());
    map.put("weights", rank.weightBytes());
    map.put("gradients", rank.gradientBytes());
    map.put("moments", rank.momentBytes());
    map.put("activations", rank.activationBytes());
    map.put("logits", rank.logitBytes());
    map.put("checkpoint", rank.checkpointBytes());
    map.put("process", MemoryEstimate.PROCESS_BYTES);
    map.put("total", forecast.rankBytes(rank));
    map.put("recomputeSaves", rank.recomputeSavedBytes());
    return map;
  }

  private static Map<String, Object> step(StepForecast step) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("seconds", step.seconds());
    map.put("pipelineSeconds", step.pipelineSeconds());
    map.put("reductionSeconds", step.reductionSeconds());
    map.put("optimizerSeconds", step.optimizerSeconds());
    map.put("tokens", step.tokens());
    map.put("tokensPerSecond", step.tokensPerSecond());
    return map;
  }

  private static Map<String, Object> data(DataVolume data) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("tokens", data.tokens());
    map.put("rows", data.rows().isPresent() ? data.rows().getAsLong() : null);
    map.put("source", data.source());
    return map;
  }

  private static Map<String, Object> run(ExpectedRun run) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("steps", run.steps());
    map.put("atMost", run.atMost());
    map.put("tokens", run.tokens());
    map.put("seconds", run.seconds());
    return map;
  }

  private static Map<String, Object> warning(Warning warning) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("kind", warning.kind());
    map.put("text", warning.text());
    return map;
  }

  private Map<String, Object> other(Forecast other) {
    Layout now = Layout.of(explanation.forecast().plan().config());
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("set", LayoutFlags.of(now, Layout.of(other.plan().config())));
    map.put("tokensPerSecond", other.step().tokensPerSecond());
    map.put("bubble", other.step().bubble());
    map.put("fullestRankBytes", other.rankBytes(other.fullest()));
    return map;
  }
}
