package dev.penstock.spark.track;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.train.StepReport;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.TestEvents;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is sent, against a server that answers as MLflow 3 was seen to. */
@Timeout(60)
class MlflowLogTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temp;
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private boolean hasRun;
  private int failuresToCome;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().replaceFirst("/api/2.0/", "");
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    requests.add(path + " " + body);
    String run =
        "{\"info\":{\"run_id\":\"r1\",\"artifact_uri\":\"mlflow-artifacts:/7/r1/artifacts\"}}";
    String answer =
        switch (path) {
          case "mlflow/experiments/create" -> "{\"experiment_id\":\"7\"}";
          case "mlflow/runs/create" -> "{\"run\":" + run + "}";
          case "mlflow/runs/search" -> hasRun ? "{\"runs\":[" + run + "]}" : "{}";
          default -> "{}";
        };
    boolean missing = path.endsWith("get-by-name");
    int status = failuresToCome-- > 0 ? 503 : missing ? 404 : 200;
    byte[] bytes = answer.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private MlflowLog log(boolean logModel) {
    String uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    return new MlflowLog(
        new MlflowConfig(uri, "verses", null, Map.of("team", "a"), logModel), new Configuration());
  }

  private JsonNode bodyOf(String path) throws IOException {
    String request =
        requests.stream().filter(r -> r.startsWith(path + " ")).findFirst().orElseThrow();
    return JSON.readTree(request.substring(path.length() + 1));
  }

  private static FitEvent step(long step, double loss) {
    return new FitEvent.Stepped(new StepReport(step, loss, 0.25, 1e-3, 90, 100, 0.5));
  }

  @Test
  void runHasParamsMetricsTagsAndItsEnd() throws Exception {
    failuresToCome = 1; // it is tried again
    MlflowLog log = log(false);
    log.on(TestEvents.planned("fit-1", "fit-1", 2, 0, temp));
    log.on(step(1, 3.5));
    log.on(step(2, Double.NaN));
    log.on(TestEvents.completed(List.of(), List.of(), temp));
    log.close();
    assertThat(bodyOf("mlflow/runs/create").path("run_name").asText()).isEqualTo("fit-1");
    assertThat(bodyOf("mlflow/runs/create").path("tags").toString())
        .contains("{\"key\":\"team\",\"value\":\"a\"}", "\"penstock.run\",\"value\":\"fit-1\"");
    assertThat(bodyOf("mlflow/runs/log-batch").path("params").toString())
        .contains("{\"key\":\"seed\",\"value\":\"7\"}");
    String metrics = requests.get(requests.size() - 2);
    assertThat(metrics)
        .startsWith("mlflow/runs/log-batch ")
        .contains("\"key\":\"train/loss\",\"value\":3.5", "\"value\":\"NaN\"", "\"step\":2");
    assertThat(bodyOf("mlflow/runs/update").path("status").asText()).isEqualTo("FINISHED");
  }

  @Test
  void fitThatGoesOnGoesOnWithItsRun() throws Exception {
    hasRun = true;
    MlflowLog log = log(false);
    log.on(TestEvents.planned("fit-2", "fit-1", 9, 0, temp));
    log.on(step(5, 1));
    log.close();
    assertThat(bodyOf("mlflow/runs/search").path("filter").asText())
        .isEqualTo("tags.`penstock.run` = 'fit-1'");
    assertThat(requests).noneMatch(request -> request.startsWith("mlflow/runs/create"));
    assertThat(requests).last().asString().contains("\"status\":\"FAILED\"");
  }

  @Test
  void modelBecomesAnArtifactOnWish() throws Exception {
    Files.writeString(
        temp.resolve("config.json"),
        "{\"architectures\":[\"LlamaForCausalLM\"],\"dtype\":\"bfloat16\"}");
    Files.writeString(temp.resolve("tokenizer.json"), "{}");
    Files.writeString(temp.resolve("report.html"), "page");
    MlflowLog log = log(true);
    log.on(TestEvents.planned("fit-1", "fit-1", 1, 0, temp));
    log.on(TestEvents.completed(List.of(), List.of(), temp));
    log.close();
    String root = "mlflow-artifacts/artifacts/7/r1/artifacts/model/";
    assertThat(requests)
        .anyMatch(request -> request.startsWith(root + "model/config.json {"))
        .anyMatch(request -> request.startsWith(root + "components/tokenizer/tokenizer.json "))
        .anyMatch(
            request ->
                request.startsWith(root + "MLmodel ")
                    && request.contains("pipeline_model_type: LlamaForCausalLM")
                    && request.contains("torch_dtype: torch.bfloat16"))
        .noneMatch(request -> request.contains("report.html"));
  }

  @Test
  void whatIsNoServerIsRefusedBeforeAnythingStarts() {
    assertThatThrownBy(() -> new MlflowConfig("./mlruns", "x", null, Map.of(), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("./mlruns is no server")
        .hasMessageContaining("mlflow server");
    assertThatThrownBy(() -> MlflowServer.of("databricks", name -> null))
        .hasMessageContaining("DATABRICKS_HOST");
    assertThatThrownBy(() -> MlflowServer.of("http://me:hush@example.org", name -> null))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("MLFLOW_TRACKING_PASSWORD")
        .hasMessageNotContaining("hush");
    assertThatThrownBy(() -> MlflowConfig.tags(List.of("=b"))).hasMessageContaining("name=value");
    assertThat(MlflowConfig.tags(List.of("a=b=c"))).isEqualTo(Map.of("a", "b=c"));
  }
}
