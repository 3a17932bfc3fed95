package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.TestingData;
import dev.penstock.datasets.format.RowReader;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextEncoder;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.TestModels;
import dev.penstock.spark.TestSpark;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.params.RowColumns;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import dev.penstock.spark.recipe.RecipeReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The loaders that recipes name, over small sets in the form of the published ones. */
@Timeout(600)
class RecipeDatasetsTest {
  private static final Path DATA = Path.of("src/test/resources/rows").toAbsolutePath();
  private static final String LLM = "nemo_automodel.components.datasets.llm.";
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 6, 9, 5, 3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SQUAD =
      "dataset: {_target_: %ssquad.make_squad_dataset, dataset_name: %s/squad.jsonl}"
          .formatted(LLM, DATA);
  private static final String HELLASWAG =
      "dataset: {_target_: %shellaswag.HellaSwag, path_or_dataset: %s/hellaswag.jsonl}"
          .formatted(LLM, DATA);
  private static final String INSTRUCTIONS =
      ("dataset: {_target_: %scolumn_mapped_text_instruction_dataset.ColumnMappedTextInstructionDataset,"
              + " path_or_dataset_id: %s/instructions.jsonl,"
              + " column_mapping: {context: definition, question: inputs, answer: targets}}")
          .formatted(LLM, DATA);
  private static final String CHAT =
      "dataset: {_target_: %schat_dataset.ChatDataset, path_or_dataset_id: %s/chat.jsonl}"
          .formatted(LLM, DATA);

  private static final String RANDOM =
      ("dataset: {_target_: %smock_iterable_dataset.MockIterableDataset, num_samples: 6,"
              + " seq_len: 100, vocab_size: 10, exclude_token_ids: [0, 7, 3]}")
          .formatted(LLM);

  @TempDir static Path folder;

  private static JsonNode expected;
  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  /** A tokenizer without a chat template, and one with that of the recorded conversations. */
  @BeforeAll
  static void writeModels() throws IOException {
    expected = JSON.readTree(DATA.resolve("expected.json").toFile());
    for (String name : List.of("plain", "chat")) {
      Path model = folder.resolve(name);
      TestModels.tokenizer(model);
      Files.writeString(
          model.resolve("config.json"),
          TestModels.CONFIG.replace(
              "\"max_position_embeddings\": 64", "\"max_position_embeddings\": 512"));
      Path config = model.resolve("tokenizer_config.json");
      ObjectNode settings = (ObjectNode) JSON.readTree(config.toFile());
      settings.remove("chat_template");
      JSON.writeValue(config.toFile(), settings);
    }
    Files.writeString(
        folder.resolve("chat/chat_template.jinja"), expected.get("chat_template").textValue());
  }

  @Test
  void tokensAndLabelsAreThoseOfTransformers() throws IOException {
    assertRows("squad", "plain", SQUAD);
    assertRows("squad_chat", "chat", SQUAD);
    assertRows("hellaswag", "plain", HELLASWAG);
    assertRows("hellaswag", "chat", HELLASWAG);
    assertRows("instructions", "plain", INSTRUCTIONS);
    assertRows("chat", "chat", CHAT);
  }

  /** As Parquet, conversations have one type for all rows, whose keys are null where not there. */
  @Test
  void conversationsMayBeStructs() throws IOException {
    String path = folder.resolve("structs").toString();
    TestSpark.session()
        .createDataset(
            List.of(
                "[{\"role\": \"user\", \"content\": \"Who art thou?\"},"
                    + " {\"role\": \"assistant\", \"content\":"
                    + " \"I am the voice of one crying in the wilderness.\"}]"),
            Encoders.STRING())
        .selectExpr(
            "from_json(value, 'array<struct<role: string, name: string, content: string>>') messages")
        .write()
        .parquet(path);
    List<TokenizedDocument> documents = documents("chat", CHAT.replace(DATA + "/chat.jsonl", path));
    assertThat(documents.get(0).ids()).isEqualTo(ints(expected.get("chat").get(0), "input_ids"));
    assertThat(documents.get(0).labels()).isEqualTo(ints(expected.get("chat").get(0), "labels"));
  }

  /** As rows that hold them, so that they are named, or left out, as others that cannot be read. */
  @Test
  void linesOfChatsThatAreNoJsonAreRefusedAsTheyAre() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(DATA.resolve("chat.jsonl")));
    lines.add(1, "{\"messages\": [{\"role\": \"us");
    Path broken = Files.write(folder.resolve("broken.jsonl"), lines);
    String dataset = CHAT.replace(DATA + "/chat.jsonl", broken.toString());
    assertThatThrownBy(() -> documents("chat", dataset))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("{\"messages\": [{\"role\": \"us is no JSON");
    Recipe skipping = recipe(dataset.replace("path_or", "skip_invalid_samples: true, path_or"));
    assertThat(skipping.options()).containsEntry(TrainerOption.SKIP_UNREADABLE_ROWS, true);
  }

  /** Context, question and answer are what system, user and assistant say. */
  @Test
  void mappedColumnsAreConversationsWhereThereIsATemplate() throws IOException {
    String asked = INSTRUCTIONS.replace("path_or", "use_hf_chat_template: true, path_or");
    assertRows("instructions", "plain", asked);
    Path chats = folder.resolve("said.jsonl");
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(DATA.resolve("instructions.jsonl"))) {
      ArrayNode messages = JSON.createArrayNode();
      JsonNode row = JSON.readTree(line);
      List.of("system definition", "user inputs", "assistant targets")
          .forEach(
              turn -> {
                String[] words = turn.split(" ");
                messages
                    .addObject()
                    .put("role", words[0])
                    .put("content", row.path(words[1]).asText(""));
              });
      lines.add(JSON.createObjectNode().set("messages", messages).toString());
    }
    Files.write(chats, lines);
    List<TokenizedDocument> said =
        documents("chat", CHAT.replace(DATA + "/chat.jsonl", chats.toString()));
    List<TokenizedDocument> mapped = documents("chat", asked);
    assertThat(mapped).hasSameSizeAs(said).hasSize(6);
    for (int i = 0; i < said.size(); i++) {
      assertThat(mapped.get(i).ids()).isEqualTo(said.get(i).ids());
      assertThat(mapped.get(i).labels()).isEqualTo(said.get(i).labels());
    }
  }

  @Test
  void randomTokensAreThoseThatAreLeft() throws IOException {
    List<TokenizedDocument> documents = documents("plain", RANDOM);
    assertThat(documents).hasSize(6);
    int[] ids = documents.stream().flatMapToInt(row -> Arrays.stream(row.ids())).toArray();
    assertThat(ids).hasSize(6 * 100).contains(1, 2, 4, 5, 6, 8, 9).doesNotContain(0, 3, 7);
    assertThat(Arrays.stream(ids)).allMatch(id -> id < 10);
    assertThat(documents("plain", RANDOM).get(5).ids()).isEqualTo(documents.get(5).ids());
    assertThat(documents.get(1).ids()).isNotEqualTo(documents.get(0).ids());
    String bounded = RANDOM.replace("samples: 6", "samples: 1000000");
    bounded += "\nstep_scheduler: {max_steps: 2, global_batch_size: 4}";
    assertThat(documents("plain", bounded)).hasSize(8);
  }

  @Test
  void promptsCountWhereTheRecipeSaysSo() throws IOException {
    String all = INSTRUCTIONS.replace("path_or", "answer_only_loss_mask: false, path_or");
    List<TokenizedDocument> documents = documents("plain", all);
    for (int i = 0; i < documents.size(); i++) {
      assertThat(documents.get(i).labels())
          .isEqualTo(ints(expected.get("instructions").get(i), "input_ids"));
    }
  }

  private static void assertRows(String name, String model, String dataset) throws IOException {
    JsonNode rows = expected.get(name);
    List<TokenizedDocument> documents = documents(model, dataset);
    assertThat(documents).hasSameSizeAs(rows).hasSize(6);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(documents.get(i).ids())
          .as("ids of %s %s", name, i)
          .isEqualTo(ints(rows.get(i), "input_ids"));
      assertThat(documents.get(i).labels())
          .as("labels of %s %s", name, i)
          .isEqualTo(ints(rows.get(i), "labels"));
    }
  }

  private static int[] ints(JsonNode row, String key) throws IOException {
    return JSON.treeToValue(row.get(key), int[].class);
  }

  private static Recipe recipe(String dataset) {
    Recipe recipe = RecipeReader.read(dataset, "test", List.of(), key -> null);
    recipe.check();
    return recipe;
  }

  /** What becomes of the rows that a recipe names, in their order. */
  private static List<TokenizedDocument> documents(String model, String dataset)
      throws IOException {
    Recipe recipe = recipe(dataset);
    Map<TrainerOption, Object> options = new EnumMap<>(TrainerOption.class);
    options.putAll(recipe.options());
    options.put(TrainerOption.TOKENIZER_PATH, folder.resolve(model).toString());
    SparkSession spark = TestSpark.session();
    NamedModels models =
        new NamedModels(spark.sparkContext().hadoopConfiguration(), null, true, line -> {});
    Dataset<Row> frame = new TrainingRows(spark, recipe, models, options).read().coalesce(1);
    CausalLMTrainer trainer = new CausalLMTrainer();
    options.forEach(trainer::with);
    RowColumns columns = RowColumns.of(trainer, NOW);
    columns.check(frame.schema());
    TokenizerFiles files = TokenizerFiles.read(folder.resolve(model));
    List<TokenizedDocument> documents = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(files)) {
      SpecialTokens around = RowReader.around(columns.form(), SpecialTokens.INCLUDED);
      RowReader reader =
          RowReader.of(
              columns.form(),
              new TextEncoder(tokenizer, around, tokenizer.vocabSize()),
              () -> ChatTemplates.of(files));
      for (Row row : frame.select(columns.of(frame)).collectAsList()) {
        TokenizedDocument document = reader.read(row.getString(0));
        documents.add(columns.form().isEnded() ? ended(document) : document);
      }
    }
    return documents;
  }

  /** With the end-of-text token behind it, as packing puts it there. */
  private static TokenizedDocument ended(TokenizedDocument document) {
    int length = document.length();
    if (document.ids()[length - 1] == TestingData.EOT) {
      return document;
    }
    int[] ids = Arrays.copyOf(document.ids(), length + 1);
    int[] labels = Arrays.copyOf(document.labels(), length + 1);
    ids[length] = TestingData.EOT;
    labels[length] = TestingData.EOT;
    return new TokenizedDocument(ids, labels);
  }

  static Stream<String> recipes() {
    return Stream.of(SQUAD, HELLASWAG, INSTRUCTIONS, CHAT, RANDOM);
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void recipesTrain(String dataset) throws Exception {
    Path run = Files.createTempDirectory(folder, "run");
    Path recipe =
        Files.writeString(run.resolve("run.yaml"), RECIPE.formatted(folder, dataset, run));
    assertThat(run("train", recipe.toString())).as(errors.toString()).isZero();
    assertThat(out.toString()).contains("step 2/2  loss ").contains("validation loss ");

    Path model = run.resolve("checkpoints/model");
    assertThat(Files.readString(model.resolve("recipe.yaml"))).contains("packing: none");
    CausalLMModel trained = CausalLMModel.ofFolder(model.toUri().toString());
    assertThat(trained.modelPath()).isNotEmpty();
    List<String> score = new ArrayList<>(List.of("score", model.toString()));
    recipe(dataset)
        .section("dataset")
        .forEach((key, value) -> score.add("--dataset.%s=%s".formatted(key, value)));
    assertThat(run(score.toArray(String[]::new))).as(errors.toString()).isZero();
    assertThat(out.toString()).contains("6 rows, ").contains("perplexity ");
  }

  private static final String RECIPE =
      """
      model:
        _target_: nemo_automodel.NeMoAutoModelForCausalLM.from_config
        config: {pretrained_model_name_or_path: %1$s/chat, num_hidden_layers: 2}
      %2$s
      validation_%2$s
      dataloader: {collate_fn: {_target_: nemo_automodel.components.datasets.utils.default_collater, pad_seq_len_divisible: 8}}
      packed_sequence: {packed_sequence_size: 0}
      step_scheduler: {global_batch_size: 4, local_batch_size: 4, max_steps: 2}
      distributed: {pp_size: 2, dp_size: 1, pipeline: {pp_schedule: 1f1b, pp_microbatch_size: 2, pp_seq_len: 256}}
      optimizer: {_target_: torch.optim.Adam, lr: 1e-3}
      checkpoint: {checkpoint_dir: %3$s/checkpoints}
      """;

  @Test
  void columnsThatALoaderNeedsAreNamed() throws IOException {
    Path file = Files.writeString(Files.createTempFile(folder, "rows", ".json"), "{\"x\": 1}\n");
    String dataset = SQUAD.replace(DATA + "/squad.jsonl", file.toString());
    assertThatThrownBy(() -> documents("plain", dataset))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("needs a column 'context', but the rows have: x");
  }

  @Test
  void loadersThatContradictAreRefused() {
    String other = SQUAD + "\nvalidation_" + HELLASWAG;
    assertThatThrownBy(() -> documents("plain", other))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("makes other rows than dataset._target_");
    String named = SQUAD + "\npenstock: {input_col: text}";
    assertThatThrownBy(() -> documents("plain", named))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("and so does penstock.input_col");
    String madeUp = "dataset: {_target_: %smock.build_unpacked_dataset}".formatted(LLM);
    assertThatThrownBy(() -> documents("plain", madeUp))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("makes up rows");
    String prompts =
        INSTRUCTIONS.replace(
            "path_or", "answer_only_loss_mask: false, use_hf_chat_template: true, path_or");
    assertThatThrownBy(() -> documents("chat", prompts))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("answer_only_loss_mask", "use_hf_chat_template");
  }

  private int run(String... args) {
    return Penstock.run(List.of(args), new PrintWriter(out, true), new PrintWriter(errors, true));
  }
}
