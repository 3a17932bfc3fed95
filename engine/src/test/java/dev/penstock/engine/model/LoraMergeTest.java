package dev.penstock.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.torch.HostTensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class LoraMergeTest {
  private static final DecoderSpec SPEC =
      ModelFamilies.parse(
          """
          {"model_type": "llama", "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 2,
           "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
           "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "tie_word_embeddings": false}
          """);
  private static final LoraSpec LORA =
      TestingLora.of(
          4,
          1.5,
          0.5,
          3,
          "model.layers.0.self_attn.q_proj",
          "model.layers.1.self_attn.v_proj",
          "model.layers.1.mlp.down_proj",
          "lm_head");

  private static double[] logits(RankModel model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard();
        Tensor ids = HostTensors.ofTokens(new int[] {5, 9, 60, 2, 1, 88}, "cpu", 2, 3)) {
      return HostTensors.toDoubles(model.stages().get(0).forward(ids, null));
    }
  }

  private static RankModel model(LoraSpec lora) {
    List<String> modules = new DecoderTensors(SPEC).modules();
    RankModel.Options options = new RankModel.Options(ScalarType.Float, "cpu", 0, lora);
    RankModel model = new RankModel(SPEC, Map.of(0, modules), options);
    new WeightInitializer(1, 0.3).fill(model.arena());
    return model;
  }

  private static void setUps(RankModel model, boolean random) {
    for (Parameter parameter : model.arena().parameters()) {
      if (parameter.name().endsWith(".lora_B.weight")) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
          if (random) {
            parameter.value().normal_();
          } else {
            parameter.value().zero_();
          }
        }
      }
    }
  }

  @Test
  void freshAdaptersChangeNothing() {
    try (RankModel plain = model(null);
        RankModel adapted = model(LORA)) {
      assertThat(logits(adapted)).containsExactly(logits(plain));
    }
  }

  @Test
  void adaptersAloneHaveGradients() {
    try (RankModel adapted = model(LORA)) {
      // q: 32 to 32, v: 32 to 16, down: 48 to 32, head: 32 to 97.
      assertThat(adapted.arena().gradients().numel())
          .isEqualTo(4 * ((32 + 32) + (32 + 16) + (48 + 32) + (32 + 97)));
      assertThat(adapted.arena().parameters())
          .filteredOn(Parameter::trainable)
          .hasSize(8)
          .allMatch(parameter -> LoraSpec.isTrained(parameter.name()));
    }
  }

  @Test
  void mergedWeightsComputeWhatWeightsAndAdaptersDid() {
    try (RankModel adapted = model(LORA)) {
      double[] before = logits(adapted);
      setUps(adapted, true);
      double[] trained = logits(adapted);
      LoraMerge.apply(adapted.arena());
      setUps(adapted, false);
      assertThat(logits(adapted)).containsExactly(trained, within(1e-4));
      assertThat(trained[0]).isNotCloseTo(before[0], within(1e-2));
    }
  }
}
