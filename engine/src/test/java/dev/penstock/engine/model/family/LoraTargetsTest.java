package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LoraSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoraTargetsTest {
  private static final String MODEL =
      """
      {"model_type": "%s", "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 4,
       "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
       "tie_word_embeddings": %s}
      """;

  private static final DecoderSpec UNTIED = ModelFamilies.parse(MODEL.formatted("llama", false));
  private static final DecoderSpec TIED = ModelFamilies.parse(MODEL.formatted("llama", true));
  private static final DecoderSpec MIXTURE = ModelFamilies.parse(MODEL.formatted("mixtral", false));

  private static Set<String> modules(
      DecoderSpec spec, List<String> targets, List<String> excluded) {
    return LoraTargets.resolve(spec, new LoraConfig(8, 16, 0, targets, excluded, false), 0)
        .modules();
  }

  @Test
  void endsOfNamesMeanTheModulesOfEveryLayer() {
    assertThat(modules(TIED, List.of("q_proj", "mlp.down_proj"), List.of()))
        .hasSize(8)
        .contains("model.layers.0.self_attn.q_proj", "model.layers.3.mlp.down_proj");
  }

  @Test
  void allLinearLeavesOutTheHead() {
    assertThat(modules(UNTIED, List.of("all-linear"), List.of()))
        .hasSize(4 * 7)
        .doesNotContain("lm_head");
    assertThat(modules(UNTIED, List.of("all-linear", "lm_head"), List.of())).contains("lm_head");
  }

  @Test
  void patternsAreRegularExpressionsOrWildcards() {
    assertThat(modules(TIED, List.of("model\\.layers\\.[01]\\..*\\.(q|k)_proj"), List.of()))
        .hasSize(4);
    assertThat(modules(TIED, List.of("*.2.self_attn.*"), List.of())).hasSize(4);
    assertThat(modules(TIED, List.of("all-linear"), List.of("*mlp*", "o_proj"))).hasSize(4 * 3);
  }

  @Test
  void patternThatMeansNothingIsRefused() {
    assertThatThrownBy(() -> modules(TIED, List.of("q_proj", "query"), List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'query' means no linear module")
        .hasMessageContaining("q_proj");
    assertThatThrownBy(() -> modules(TIED, List.of("lm_head"), List.of()))
        .isInstanceOf(ConfigException.class);
    assertThatThrownBy(() -> modules(TIED, List.of("q_proj"), List.of("self_attn.q_proj")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("No module is left");
  }

  private static LoraSpec ofFile(DecoderSpec spec, String entries) {
    String json = "{\"peft_type\": \"LORA\", %s}".formatted(entries);
    return LoraTargets.resolve(spec, AdapterConfig.parse(json, "folder").lora(), 0);
  }

  @Test
  void textOfAFileThatMeansMoreThanPeftAdaptsIsRefused() {
    assertThatThrownBy(() -> ofFile(TIED, "\"target_modules\": [\"q_proj\", \"mlp\"]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("mean model.layers.0.mlp, which is neither a linear module nor");
    assertThatThrownBy(() -> ofFile(TIED, "\"target_modules\": \".*mlp\\\\..*\""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("mean model.layers.0.mlp.act_fn");
    assertThatThrownBy(
            () -> ofFile(TIED, "\"target_modules\": [\"embed_tokens\"], \"use_dora\": true"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("use_dora");
  }

  @Test
  void layersThatTheModelLacksAreNamed() {
    String targets = "\"target_modules\": [\"q_proj\"], \"layers_to_transform\": ";
    assertThatThrownBy(() -> ofFile(TIED, targets + "[77, 99]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'layers_to_transform' (77, 99) mean no layer")
        .hasMessageContaining("layers 0 to " + (TIED.numLayers() - 1));
    assertThatThrownBy(() -> ofFile(TIED, targets + "0, \"layers_pattern\": [\"blocks\"]"))
        .hasMessageContaining("and 'layers_pattern' (blocks)");
    assertThatThrownBy(() -> ofFile(TIED, targets.replace("q_proj", "c_attn") + "[0]"))
        .hasMessageContaining("'target_modules'");
  }

  @Test
  void layersOfAWholeNameAreNotAsked() {
    assertThat(
            ofFile(
                    TIED,
                    """
                    "target_modules": ["model.layers.0.self_attn.q_proj", "v_proj"],
                    "layers_to_transform": [3]
                    """)
                .modules())
        .containsExactly("model.layers.0.self_attn.q_proj", "model.layers.3.self_attn.v_proj");
  }

  @Test
  void embeddingAndTiedHeadThatAreSavedEachHaveACopy() {
    LoraSpec apart =
        ofFile(
            TIED,
            "\"target_modules\": [\"q_proj\"], \"modules_to_save\": [\"embed_tokens\", \"lm_head\"]");
    assertThat(apart.head()).isEqualTo(LoraSpec.Head.TIED);
    assertThat(apart.trained())
        .isEqualTo(
            Map.of(
                "model.embed_tokens.weight",
                "base_model.model.model.embed_tokens.weight",
                "lm_head.weight",
                "base_model.model.lm_head.weight"));
    assertThat(apart.weightOf("base_model.model.lm_head.weight"))
        .contains("model.embed_tokens.weight");

    LoraSpec one =
        ofFile(
            TIED,
            """
            "target_modules": ["q_proj"], "modules_to_save": ["lm_head"],
            "ensure_weight_tying": true
            """);
    assertThat(one.head()).isEqualTo(LoraSpec.Head.FOLLOWS);
    assertThat(one.trained()).containsOnlyKeys("model.embed_tokens.weight");
  }

  @Test
  void modulesThatAreSavedGetNoAdapter() {
    LoraSpec lora =
        ofFile(
            UNTIED,
            "\"target_modules\": [\"q_proj\", \"up_proj\"], \"modules_to_save\": [\"layers.1.mlp\"]");
    assertThat(lora.modules())
        .contains("model.layers.0.mlp.up_proj", "model.layers.1.self_attn.q_proj")
        .doesNotContain("model.layers.1.mlp.up_proj");
    assertThat(lora.trained())
        .containsOnlyKeys(
            "model.layers.1.mlp.gate_proj.weight",
            "model.layers.1.mlp.up_proj.weight",
            "model.layers.1.mlp.down_proj.weight");
  }

  @Test
  void expertsAreRefusedByName() {
    for (String target : List.of("w1", "experts.0.w2", "block_sparse_moe.gate")) {
      assertThatThrownBy(() -> modules(MIXTURE, List.of(target), List.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              "'" + target + "' means experts or routers of a mixture",
              "not supported",
              "[k_proj, lm_head, o_proj, q_proj, v_proj], or all-linear");
    }
    assertThat(modules(MIXTURE, List.of("all-linear"), List.of())).hasSize(4 * 4);
  }
}
