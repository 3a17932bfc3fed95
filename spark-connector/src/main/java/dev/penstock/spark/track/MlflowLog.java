package dev.penstock.spark.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.FitListener;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * A run of MLflow: Params, metrics of the steps, and the model if that is wanted. A fit that goes
 * on with a run goes on with its run in MLflow, which has it in a tag.
 */
public final class MlflowLog implements FitListener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RUN_TAG = "penstock.run";
  private static final int MAX_METRICS = 500;
  private static final int MAX_PARAMS = 100;
  private static final int MAX_VALUE = 500;
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final MlflowConfig config;
  private final Configuration conf;
  private final MlflowServer server;
  private ArrayNode metrics = JSON.createArrayNode();
  private long sentNanos = System.nanoTime();

  /** Null until the run is made. */
  private @Nullable JsonNode run;

  private String status = "FAILED";

  public MlflowLog(MlflowConfig config, Configuration conf) {
    this.config = config;
    this.conf = conf;
    server = MlflowServer.of(config.trackingUri(), System::getenv);
  }

  @Override
  public void on(FitEvent event) throws IOException, InterruptedException {
    if (event instanceof FitEvent.Planned planned) {
      begin(planned);
    } else if (event instanceof FitEvent.Stepped stepped) {
      add(stepped.report().step(), Metrics.of(stepped.report()));
    } else if (event instanceof FitEvent.Validated validated) {
      add(validated.report().step(), Metrics.of(validated.report()));
    } else if (event instanceof FitEvent.Completed completed && run != null) {
      status = "FINISHED";
      if (config.logModel()) {
        String root = run.path("info").path("artifact_uri").asText();
        HadoopFolder model = HadoopFolder.of(completed.modelPath(), conf);
        new MlflowModel(server, root, run.path("info").path("run_id").asText()).upload(model);
      }
    }
  }

  private void begin(FitEvent.Planned planned) throws IOException, InterruptedException {
    String experiment = server.experiment(config.experiment());
    JsonNode earlier =
        planned.run().equals(planned.runId()) ? null : find(experiment, planned.run());
    if (earlier != null) {
      run = earlier;
      update("RUNNING");
      return; // its Params stand, and cannot be changed
    }
    ObjectNode request = JSON.createObjectNode();
    request.put("experiment_id", experiment);
    request.put("start_time", System.currentTimeMillis());
    request.put("run_name", config.runName() == null ? planned.runId() : config.runName());
    ArrayNode tags = request.putArray("tags");
    tags.addObject().put("key", RUN_TAG).put("value", planned.run());
    tags.addObject().put("key", "penstock.modelPath").put("value", planned.modelPath());
    config.tags().forEach((key, value) -> tags.addObject().put("key", key).put("value", value));
    run = server.post("runs/create", request).path("run");
    params(planned.params());
  }

  private @Nullable JsonNode find(String experiment, String name)
      throws IOException, InterruptedException {
    ObjectNode request = JSON.createObjectNode();
    request.putArray("experiment_ids").add(experiment);
    request.put("filter", "tags.`%s` = '%s'".formatted(RUN_TAG, name.replace("'", "")));
    request.put("max_results", 1);
    JsonNode runs = server.post("runs/search", request).path("runs");
    return runs.isEmpty() ? null : runs.get(0);
  }

  private void params(Map<String, String> params) throws IOException, InterruptedException {
    ArrayNode batch = JSON.createArrayNode();
    for (Map.Entry<String, String> param : params.entrySet()) {
      String value = param.getValue();
      batch
          .addObject()
          .put("key", param.getKey())
          .put("value", value.substring(0, Math.min(MAX_VALUE, value.length())));
      if (batch.size() == MAX_PARAMS) {
        log("params", batch);
        batch = JSON.createArrayNode();
      }
    }
    log("params", batch);
  }

  private void add(long step, Map<String, Double> values) throws IOException, InterruptedException {
    long now = System.currentTimeMillis();
    values.forEach(
        (key, value) ->
            metrics
                .addObject()
                .put("key", key)
                .put("value", value)
                .put("timestamp", now)
                .put("step", step));
    if (metrics.size() > MAX_METRICS || System.nanoTime() - sentNanos > INTERVAL.toNanos()) {
      send();
    }
  }

  private void send() throws IOException, InterruptedException {
    ArrayNode batch = metrics;
    metrics = JSON.createArrayNode();
    sentNanos = System.nanoTime();
    log("metrics", batch);
  }

  private void log(String what, ArrayNode batch) throws IOException, InterruptedException {
    if (run != null && !batch.isEmpty()) {
      ObjectNode request = JSON.createObjectNode();
      request.set("run_id", run.path("info").path("run_id"));
      request.set(what, batch);
      server.post("runs/log-batch", request);
    }
  }

  private void update(String newStatus) throws IOException, InterruptedException {
    if (run != null) {
      ObjectNode request = JSON.createObjectNode();
      request.set("run_id", run.path("info").path("run_id"));
      request.put("status", newStatus);
      if (!newStatus.equals("RUNNING")) {
        request.put("end_time", System.currentTimeMillis());
      }
      server.post("runs/update", request);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    try {
      send();
    } finally {
      update(status);
    }
  }
}
