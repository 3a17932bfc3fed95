package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.nio.file.Path;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
  private static final StructType TEXTS = new StructType().add("text", DataTypes.StringType);

  @TempDir Path folder;

  @BeforeAll
  static void session() {
    TestSpark.session();
  }

  @Test
  void trainerTellsWhatItsFitWouldBe() {
    CausalLMTrainer trainer = TestModels.trainer(folder);
    assertThat(trainer.explain(TEXTS))
        .contains("2 pipeline ranks x 1 replica = 2 devices (cpu), float32")
        .contains("1F1B, 2 stages, 4 microbatches of 2 x 32 tokens, 1 pipeline step a step")
        .contains("Run: 6 steps, 1,536 tokens, ")
        .contains("model.embed_tokens, model.layers.0");
    assertThatThrownBy(() -> trainer.explain(new StructType()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("text");
    trainer.setModelPath(folder.resolve("missing").toString()).clear(trainer.modelConfig());
    assertThatThrownBy(() -> trainer.explain(TEXTS))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("There is no config.json in ");
  }
}
