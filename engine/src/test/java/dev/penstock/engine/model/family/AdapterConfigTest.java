package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
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
    assertThat(config.lora())
        .isEqualTo(
            new LoraConfig(4, 6, 0, List.of("down_proj", "q_proj", "v_proj"), List.of(), false));
    assertThat(config.baseModel()).isNull();
  }

  @Test
  void patternsMayBeOneText() {
    LoraConfig lora =
        parse(
                """
                {"peft_type": "LORA", "r": 2, "lora_alpha": 3.5, "target_modules": ".*q_proj",
                 "exclude_modules": "model.layers.0.*", "lora_dropout": 0.1}
                """)
            .lora();
    assertThat(lora)
        .isEqualTo(
            new LoraConfig(2, 3.5, 0.1, List.of(".*q_proj"), List.of("model.layers.0.*"), false));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    LoraConfig lora = new LoraConfig(2, 3, 0.1, List.of("q_proj"), List.of(), false);
    AdapterConfig config = new AdapterConfig(lora, "/models/\"base\"");
    assertThat(parse(config.toJson(MODULES))).isEqualTo(config);
  }

  @Test
  void patternsAreWrittenAsTheModulesThatTheyMean() {
    LoraConfig lora = new LoraConfig(2, 3, 0, List.of("all-linear"), List.of("*.mlp.*"), true);
    LoraConfig read = parse(new AdapterConfig(lora, null).toJson(MODULES)).lora();
    assertThat(read.targetModules()).containsExactlyInAnyOrderElementsOf(MODULES);
    assertThat(read.excludeModules()).isEmpty();
  }

  @Test
  void anotherBaseLeavesTheRest() throws IOException {
    String json = Files.readString(OF_PEFT);
    String moved = AdapterConfig.withBaseModel(json, "/models/base");
    assertThat(parse(moved)).isEqualTo(new AdapterConfig(parse(json).lora(), "/models/base"));
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
                     "use_dora": true, "use_rslora": false, "rank_pattern": {"q_proj": 4},
                     "alpha_pattern": {}, "bias": "all", "init_lora_weights": "pissa",
                     "modules_to_save": ["lm_head"], "invented_later": 1}
                    """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "'r' must be a whole number of at least 1, but is 0",
            "'lora_alpha' must be a number",
            "'target_modules' names no module",
            "'use_dora' = true is not supported",
            "'rank_pattern' = {\"q_proj\":4}",
            "'bias' = \"all\" is not supported; supported: none",
            "'init_lora_weights' = \"pissa\" is not supported",
            "'modules_to_save'",
            "'invented_later' = 1")
        .message()
        .doesNotContain("use_rslora", "alpha_pattern");
  }
}
