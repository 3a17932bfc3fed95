package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.spark.hub.TestHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class HubModelFitTest {
  private static final String ID = "org/tiny";
  private static final int SHARD_BYTES = 400_000;

  @TempDir static Path folder;

  private static final TestHub HUB = new TestHub();
  private static Configuration conf;
  private static CausalLMModel original;

  private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

  @BeforeAll
  static void modelOnAHub() throws IOException {
    conf = TestSpark.session().sparkContext().hadoopConfiguration();
    conf.set("penstock.env.HF_ENDPOINT", HUB.endpoint());
    conf.set("penstock.env.HF_HOME", folder.resolve("home").toString());
    conf.set("penstock.env.HF_HUB_OFFLINE", "0");
    original =
        TestModels.trainer(folder.resolve("original"))
            .setMaxSteps(1)
            .setMaxShardBytes(SHARD_BYTES)
            .fit(TestModels.verses());
    HUB.put(ID, folder.resolve("original/model"));
  }

  @AfterAll
  static void close() {
    for (String name : List.of("HF_ENDPOINT", "HF_HOME", "HF_HUB_OFFLINE")) {
      conf.unset("penstock.env." + name);
    }
    HUB.close();
  }

  private CausalLMTrainer trainer(String name) {
    CausalLMTrainer trainer =
        TestModels.trainer(folder.resolve(name)).setMaxSteps(1).setProgressLines(lines::add);
    trainer.clear(trainer.modelConfig());
    trainer.clear(trainer.tokenizerPath());
    return trainer.setModelPath("hf://" + ID);
  }

  private static double score(CausalLMModel model) {
    Dataset<Row> scored =
        model.setSeqLength(TestModels.SEQ_LENGTH).transform(TestModels.verses().limit(3));
    return scored.selectExpr("sum(nll)").first().getDouble(0);
  }

  @Test
  void modelIsScoredByItsName() {
    assertThat(score(CausalLMModel.ofFolder(ID))).isEqualTo(score(original));
    assertThat(score(CausalLMModel.ofFolder("hf://" + ID + "@" + HUB.commit(ID))))
        .isEqualTo(score(original));
  }

  @Test
  void adaptersNameTheirModelByItsName() throws IOException {
    String cache = folder.resolve("cache").toUri().toString();
    CausalLMModel tuned =
        trainer("tuned")
            .setModelCachePath(cache)
            .setLoraTargetModules(new String[] {"q_proj"})
            .fit(TestModels.verses());
    assertThat(folder.resolve("tuned/model/" + AdapterFolder.CONFIG))
        .content()
        .contains(
            "\"base_model_name_or_path\" : \"org/tiny\"",
            "\"revision\" : \"" + HUB.commit(ID) + "\"");
    assertThat(tuned.getBaseModelPath()).isEqualTo("hf://org/tiny@" + HUB.commit(ID));
    double score = score(tuned);
    assertThat(score).isNotNaN();

    String saved = folder.resolve("saved").toString();
    tuned.save(saved);
    assertThat(score(CausalLMModel.load(saved))).isEqualTo(score);
    String adapters = folder.resolve("tuned/model").toString();
    assertThat(score(CausalLMModel.ofFolder(adapters).setBaseModelPath(ID))).isEqualTo(score);

    // What a file says is not fetched: anybody may have written it.
    int asked = HUB.requests().size();
    assertThatThrownBy(() -> score(CausalLMModel.ofFolder(adapters)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("'org/tiny'", "Set baseModelPath");
    assertThat(HUB.requests()).hasSize(asked);
  }

  @Test
  void fitStartsFromAModelOnAHub() {
    CausalLMModel trained = trainer("trained").fit(TestModels.verses());
    assertThat(trained.summary().objectiveHistory()).hasSize(1);
    assertThat(lines)
        .anyMatch(line -> line.startsWith("hf://org/tiny: ") || line.contains("step 1/1"));
    assertThat(Files.exists(folder.resolve("trained/model/config.json"))).isTrue();
  }

  @Test
  void nameThatIsNowhereIsRefusedBeforeTheTextsAreRead() {
    CausalLMTrainer trainer = trainer("refused").setModelPath("org/tinny");
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("no folder 'org/tinny'", "no model 'org/tinny'", "spelling");
  }
}
