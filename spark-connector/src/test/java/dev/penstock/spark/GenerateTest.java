package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Continuations beside those that transformers made of the same models. */
@Timeout(300)
class GenerateTest {
  private static final Path MODELS = Path.of("src/test/resources/models");

  /** Its generation_config.json ends texts with 3 and 96, asks for drawing and for 7 tokens. */
  private static final Path MODEL = MODELS.resolve("generation");

  private static final String PROMPT = "In the beginning";

  private final SparkSession spark = TestSpark.session();

  @TempDir Path folder;

  private static JsonNode recorded(Integer maxNewTokens) throws IOException {
    for (JsonNode node :
        new ObjectMapper().readTree(MODEL.resolve("expected.json").toFile()).path("cases")) {
      JsonNode most = node.path("max_new_tokens");
      if (node.path("prompt").asText().equals(PROMPT)
          && (maxNewTokens == null ? most.isNull() : most.asInt() == maxNewTokens)) {
        return node;
      }
    }
    throw new IllegalStateException("There is no such case");
  }

  @Test
  void columnOfPromptsIsContinuedAsEachPromptIs() throws IOException {
    Dataset<Row> prompts =
        TestSpark.texts(PROMPT, null, "And God said").withColumnRenamed("text", "prompt");
    TextGenerator generator =
        new TextGenerator()
            .setModelPath(MODEL.toUri().toString())
            .setInputCol("prompt")
            .setMaxNewTokens(12)
            .setDoSample(false);
    generator.write().overwrite().save(folder.resolve("generator").toUri().toString());

    List<Row> rows =
        TextGenerator.load(folder.resolve("generator").toUri().toString())
            .transform(prompts)
            .collectAsList();

    assertThat(rows)
        .extracting(row -> row.<String>getAs("generated"))
        .containsExactly(
            model(MODEL).generate(PROMPT, 12), null, model(MODEL).generate("And God said", 12));
  }

  @Test
  void generatorsMistakesAreToldBeforeAJob() {
    TextGenerator generator = new TextGenerator();
    assertThatThrownBy(() -> generator.transform(TestSpark.texts(PROMPT)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("modelPath is not set.");
    generator.setModelPath(MODEL.toUri().toString()).setOutputCol("text");
    assertThatThrownBy(() -> generator.transform(TestSpark.texts(PROMPT)))
        .hasMessageContaining("Output column 'text' already exists. Name another with outputCol.");
    generator.setOutputCol("more").setDoSample(false).setTopK(3);
    assertThatThrownBy(() -> generator.transform(TestSpark.texts(PROMPT)))
        .hasMessageContaining("topK changes nothing where no tokens are drawn");
  }

  private CausalLMModel model(Path source) {
    return CausalLMModel.ofFolder(source.toUri().toString());
  }

  /** The model with other files beside its weights; a null text: without that file. */
  private CausalLMModel with(String generationConfig, String eosOfConfig) throws IOException {
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.delete(folder.resolve("generation_config.json"));
    if (generationConfig != null) {
      Files.writeString(folder.resolve("generation_config.json"), generationConfig);
    }
    JsonNode config = new ObjectMapper().readTree(folder.resolve("config.json").toFile());
    ((ObjectNode) config).set("eos_token_id", new ObjectMapper().readTree(eosOfConfig));
    Files.writeString(folder.resolve("config.json"), config.toString());
    return model(folder);
  }

  @Test
  void endsAreThoseOfTheGenerationConfig() throws IOException {
    assertThat(model(MODEL).generate(PROMPT, 30)).isEqualTo(recorded(30).path("new_text").asText());
    assertThat(
            with("{\"eos_token_id\": [3, 96], \"pad_token_id\": 0}", "[54]").generate(PROMPT, 30))
        .isEqualTo(recorded(30).path("new_text").asText());
  }

  @Test
  void endsOfTheConfigCountWithoutAGenerationConfig() throws IOException {
    String free = with("{\"do_sample\": false}", "[54]").generate(PROMPT, 30);
    assertThat(free.length()).isGreaterThan(recorded(30).path("new_text").asText().length());
    Files.delete(folder.resolve("generation_config.json"));
    String ended = model(folder).generate(PROMPT, 30);
    assertThat(free).startsWith(ended);
    assertThat(ended).endsWith("T").isEqualTo(" th\u0007T"); // 54 is the third token, a T
  }

  @Test
  void theTokenizersEndCountsWhereNoFileNamesOne() throws IOException {
    CausalLMModel model = with(null, "null");
    Path tokenizerConfig = folder.resolve("tokenizer_config.json");
    String json = Files.readString(tokenizerConfig);
    Files.writeString(
        tokenizerConfig, json.replaceFirst("\"eos_token\": \"[^\"]*\"", "\"eos_token\": \"T\""));

    assertThat(model.generate(PROMPT, 30)).isEqualTo(" th\u0007"); // the end is not spelled out
    Files.writeString(folder.resolve("generation_config.json"), "{}");
    assertThat(model.generate(PROMPT, 30)).startsWith(" th\u0007").hasSizeGreaterThan(20);
  }

  @Test
  void withoutArgumentsTheModelsFileSaysHow() throws IOException {
    String seven = recorded(null).path("new_text").asText();
    assertThat(model(MODEL).generate(PROMPT, GenerationOptions.ofModel().withDoSample(false)))
        .isEqualTo(seven);
    CausalLMModel drawn = with("{\"do_sample\": true, \"temperature\": 5.0, \"top_k\": 0}", "null");
    assertThat(drawn.generate(PROMPT))
        .isEqualTo(drawn.generate(PROMPT))
        .isNotEqualTo(drawn.generate(PROMPT, GenerationOptions.ofModel().withSeed(1)));
    assertThat(drawn.generate(PROMPT, GenerationOptions.ofModel().withMaxNewTokens(7).withTopK(1)))
        .isEqualTo(seven);
  }

  @Test
  void oldFormsAreOptions() {
    CausalLMModel model = model(MODEL);
    assertThat(model.generate(PROMPT, 9, 0.8, 50, 0.9, 3))
        .isEqualTo(model.generate(PROMPT, new GenerationOptions(9, true, 0.8, 50, 0.9, null, 3)));
    assertThat(model.generate(PROMPT, 9, 0, 50, 0.9, 3)).isEqualTo(model.generate(PROMPT, 9));
    assertThat(model.generate(PROMPT, 9, 0.8, 3))
        .isEqualTo(model.generate(PROMPT, 9, 0.8, 0, 1.0, 3));
  }

  @Test
  void nothingFollowsTheEndThatATokenizerPutsBehindAPrompt() {
    assertThat(model(MODELS.resolve("end-token-behind-prompt")).generate(PROMPT, 8))
        .isEqualTo(" d\ufffd d\u0012*r\ufffd d");
  }

  @Test
  void whatCannotBeIsRefusedBeforeAJob() throws Exception {
    AtomicInteger jobs = new AtomicInteger();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart job) {
            jobs.incrementAndGet();
          }
        };
    CausalLMModel model = model(MODEL);
    CausalLMModel wrong = with("{\"top_p\": 2, \"eos_token_id\": 3}", "null");
    spark.sparkContext().listenerBus().waitUntilEmpty(); // jobs of other tests
    spark.sparkContext().addSparkListener(listener);
    try {
      assertThatThrownBy(() -> model.generate(PROMPT, 0))
          .hasMessageContaining("maxNewTokens must be at least 1, but is 0");
      assertThatThrownBy(() -> model.generate(PROMPT, 5, Double.NaN, 0))
          .hasMessageContaining("temperature must be above 0 and finite, but is NaN");
      assertThatThrownBy(() -> model.generate(PROMPT, 5, 1, 0, 1.5, 0))
          .hasMessageContaining("topP must be above 0 and at most 1, but is 1.5");
      assertThatThrownBy(() -> model.generate(null, 5)).hasMessageContaining("prompt is null");
      assertThatThrownBy(
              () ->
                  model.generate(PROMPT, new GenerationOptions(5, false, 0.5, null, null, null, 0)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("temperature changes nothing where no tokens are drawn");
      assertThatThrownBy(() -> wrong.generate(PROMPT, GenerationOptions.ofModel().withTopK(3)))
          .hasMessageContaining("generation_config.json cannot be used: top_p is 2");
      assertThat(
              JavaSparkContext.fromSparkContext(spark.sparkContext())
                  .parallelize(List.of(1))
                  .count())
          .isEqualTo(1);
    } finally {
      spark.sparkContext().listenerBus().waitUntilEmpty();
      spark.sparkContext().removeSparkListener(listener);
    }
    assertThat(jobs).as("the job that counts one element").hasValue(1);
  }

  @Test
  void aTextWithoutEndStopsAtTheLastPosition() throws IOException {
    String text = with("{\"eos_token_id\": []}", "null").generate(PROMPT, Integer.MAX_VALUE);
    assertThat(text).startsWith(recorded(30).path("new_text").asText());
    assertThat(text.length()).isGreaterThan(60);
  }

  @Test
  void aSavedModelContinuesAsBefore() throws IOException {
    CausalLMModel model = model(MODEL);
    String path = folder.resolve("saved").toUri().toString();
    model.save(path);
    assertThat(CausalLMModel.load(path).generate(PROMPT, 30)).isEqualTo(model.generate(PROMPT, 30));
  }
}
