package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.ModuleSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdapterConfigTest {
  private static final Path OF_PEFT = Path.of("src/test/resources/peft/llama/adapter_config.json");
  private static final Set<String> MODULES =
      Set.of("model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.q_proj");

  private static AdapterConfig parse(String json) {
    return AdapterConfig.parse(json, "folder");
  }

  @Test
  void whatPeftWritesIsRead() throws IOException {
    AdapterConfig config = parse(Files.readString(OF_PEFT));
    LoraConfig lora = config.lora();
    assertThat(lora.rank()).isEqualTo(4);
    assertThat(lora.alpha()).isEqualTo(6);
    assertThat(lora.targetModules())
        .isEqualTo(ModuleSelection.ofNames(List.of("down_proj", "q_proj", "v_proj")));
    assertThat(lora.excludeModules()).isEqualTo(ModuleSelection.NONE);
    assertThat(config.baseModel()).isNull();
  }

  @Test
  void oneTextIsAPattern() {
    LoraConfig lora =
        parse(
                """
                {"peft_type": "LORA", "r": 2, "lora_alpha": 3.5, "target_modules": ".*q_proj",
                 "exclude_modules": "model.layers.0.*", "lora_dropout": 0.1}
                """)
            .lora();
    assertThat(lora.dropout()).isEqualTo(0.1);
    assertThat(lora.targetModules()).isEqualTo(ModuleSelection.ofRegex(".*q_proj"));
    assertThat(lora.excludeModules()).isEqualTo(ModuleSelection.ofRegex("model.layers.0.*"));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    LoraConfig lora = new LoraConfig(2, 3, 0.1, List.of("q_proj"), List.of(), false);
    AdapterConfig read = parse(new AdapterConfig(lora, "/models/\"base\"", null).toJson(MODULES));
    assertThat(read.baseModel()).isEqualTo("/models/\"base\"");
    assertThat(read.lora().rank()).isEqualTo(2);
    assertThat(read.lora().alpha()).isEqualTo(3);
    assertThat(read.lora().dropout()).isEqualTo(0.1);
    assertThat(read.lora().targetModules()).isEqualTo(ModuleSelection.ofNames(List.of("q_proj")));
  }

  @Test
  void nameOfTheModelHasItsRevision() throws IOException {
    LoraConfig lora = new LoraConfig(2, 3, 0.1, List.of("q_proj"), List.of(), false);
    String json = new AdapterConfig(lora, "org/name", "v1").toJson(MODULES);
    assertThat(parse(json).baseModel()).isEqualTo("org/name");
    assertThat(parse(json).revision()).isEqualTo("v1");
    String moved = AdapterConfig.withBaseModel(json, "/models/base");
    assertThat(parse(moved).revision()).isNull();
    assertThat(parse(Files.readString(OF_PEFT)).revision()).isNull();
  }

  @Test
  void patternsAreWrittenAsTheModulesThatTheyMean() {
    LoraConfig lora = new LoraConfig(2, 3, 0, List.of("all-linear"), List.of("*.mlp.*"), true);
    LoraConfig read = parse(new AdapterConfig(lora, null, null).toJson(MODULES)).lora();
    assertThat(read.targetModules().texts()).containsExactlyInAnyOrderElementsOf(MODULES);
    assertThat(read.excludeModules().isEmpty()).isTrue();
  }

  @Test
  void anotherBaseLeavesTheRest() throws IOException {
    String json = Files.readString(OF_PEFT);
    String moved = AdapterConfig.withBaseModel(json, "/models/base");
    assertThat(parse(moved).baseModel()).isEqualTo("/models/base");
    assertThat(parse(moved).toJson(MODULES))
        .isEqualTo(new AdapterConfig(parse(json).lora(), "/models/base", null).toJson(MODULES));
    assertThat(moved).contains("\"peft_version\" : \"0.21.2\"");
  }

  @Test
  void otherMethodsAreRefused() {
    assertThatThrownBy(() -> parse("{\"peft_type\": \"IA3\", \"feedforward_modules\": [\"w\"]}"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "The adapter_config.json in folder cannot be used:\n"
                + "- 'peft_type' = \"IA3\" is not supported; supported: LORA");
  }

  @Test
  void everyVariantIsRefusedAtOnce() {
    assertThatThrownBy(
            () ->
                parse(
                    """
                    {"peft_type": "LORA", "r": 0, "lora_alpha": "x", "target_modules": null,
                     "use_qalora": true, "use_rslora": false, "rank_pattern": {"q_proj": 0},
                     "alpha_pattern": {}, "bias": "some", "init_lora_weights": "pissa",
                     "modules_to_save": 3, "invented_later": 1}
                    """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "'r' must be a whole number of at least 1, but is 0",
            "'lora_alpha' must be a number",
            "'target_modules' names no module",
            "'use_qalora' = true is not supported",
            "'rank_pattern.q_proj' must be a whole number of at least 1, but is 0",
            "'bias' = \"some\" is not supported; supported: none, lora_only, all",
            "'init_lora_weights' = \"pissa\" changes the weights of the model",
            "'modules_to_save' must be a list of texts, but is 3",
            "'invented_later' = 1")
        .message()
        .doesNotContain("use_rslora", "alpha_pattern");
  }
}
