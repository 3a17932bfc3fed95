package dev.penstock.spark.track;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * A model folder as an artifact of a run, laid out as {@code mlflow.transformers} loads it. The
 * bytes go through the driver, block by block.
 */
final class MlflowModel {
  private static final String PROXY = "mlflow-artifacts:";
  private static final String FOLDER = "model";

  private final MlflowServer server;
  private final String artifactUri;
  private final String runId;

  /**
   * @param artifactUri the run's root of artifacts
   */
  MlflowModel(MlflowServer server, String artifactUri, String runId) {
    this.server = server;
    this.artifactUri = artifactUri;
    this.runId = runId;
  }

  void upload(HadoopFolder model) throws IOException, InterruptedException {
    if (!artifactUri.startsWith(PROXY)) {
      throw new IOException(
          "The model is not logged: artifacts go to %s, not through the server. Start it with --serve-artifacts, or turn mlflowLogModel off."
              .formatted(artifactUri));
    }
    String path = artifactUri.substring(PROXY.length());
    String root =
        (path.startsWith("//") ? path.replaceFirst("^//[^/]*", "") : path).replaceFirst("^/+", "")
            + "/"
            + FOLDER;
    List<String> tokenizer = new ArrayList<>();
    for (String name : model.list()) {
      if (name.endsWith(".safetensors") || name.endsWith(".json")) {
        server.putArtifact(root + "/model/" + name, () -> open(model, name));
      }
      if (TokenizerFiles.NAMES.contains(name)) {
        server.putArtifact(root + "/components/tokenizer/" + name, () -> open(model, name));
        tokenizer.add(name);
      }
    }
    byte[] description = description(model, !tokenizer.isEmpty()).getBytes(StandardCharsets.UTF_8);
    server.putArtifact(root + "/MLmodel", () -> new ByteArrayInputStream(description));
  }

  private String description(HadoopFolder model, boolean tokenizer) throws IOException {
    JsonNode config = new ObjectMapper().readTree(model.readText("config.json"));
    return """
        artifact_path: %s
        flavors:
          transformers:
            code: null
            components:%s
            framework: pt
            instance_type: TextGenerationPipeline
            model_binary: model
            pipeline_model_type: %s
            source_model_name: %s
            task: text-generation
            %storch_dtype: torch.%s
        run_id: %s
        utc_time_created: '%s'
        """
        .formatted(
            FOLDER,
            tokenizer ? "\n    - tokenizer" : " []",
            config.path("architectures").path(0).asText(),
            FOLDER,
            tokenizer ? "tokenizer_type: PreTrainedTokenizerFast\n    " : "",
            config.path("dtype").asText("float32"),
            runId,
            LocalDateTime.now(ZoneOffset.UTC).toString().replace('T', ' '));
  }

  private static InputStream open(HadoopFolder model, String name) {
    try {
      return Channels.newInputStream(model.open(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
