package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.storage.LocalFolder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loss of packed rows is transformers' loss with position ids that begin anew. */
class DocumentParityTest {
  private static final double LOSS_TOLERANCE = 1e-6;
  private static final int LENGTH = 24;

  /** As in record_losses.py. */
  private static final int[][] LENGTHS = {{5, 11, 8}, {24}, {3, 1, 12, 8}, {7, 17}};

  /** Rows as record_losses.py makes them. */
  private record Rows(int vocabSize) implements MicrobatchSource {
    @Override
    public TokenBatch read(long step, int firstRow, int numRows) {
      int[] ids = new int[numRows * LENGTH];
      BitSet starts = new BitSet();
      for (int row = 0; row < numRows; row++) {
        for (int i = 0; i < LENGTH; i++) {
          ids[row * LENGTH + i] = (i * i * 7 + i * 13 + row * 29 + 1) % vocabSize;
        }
        int at = row * LENGTH;
        for (int length : LENGTHS[row]) {
          starts.set(at);
          at += length;
        }
      }
      return new TokenBatch(numRows, LENGTH, ids, ids).withDocumentStarts(starts);
    }

    @Override
    public long numRows() {
      return LENGTHS.length;
    }

    @Override
    public void close() {}
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(DocumentParityTest.class.getResource(name).toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "mistral-sliding",
        "gemma2-softcap",
        "gemma3",
        "phi3-longrope",
        "llama-dynamic",
        "qwen3-moe",
        "olmo2",
        "smollm3-window",
        "granite",
        "llama3-rope-tied"
      })
  void lossIsThatOfTransformers(String model) throws Exception {
    ObjectMapper json = new ObjectMapper();
    JsonNode expected = json.readTree(resource("/documents/losses.json").toFile()).get(model);
    Path folder = resource("/hf/" + model);
    String modelConfig = Files.readString(folder.resolve("config.json"));
    TrainingConfig config =
        new TrainingConfig(
                modelConfig,
                new ParallelConfig(1, 1),
                new BatchConfig(LENGTHS.length, LENGTHS.length, LENGTH),
                ScheduleConfig.named("1f1b"),
                OptimizerConfig.adamW(1e-4),
                new LrScheduleConfig("constant", 0, 1, 0, 0, 0),
                1,
                7)
            .withCompute(ComputeConfig.DEFAULT.withDocumentMask(true));
    RankInputs inputs =
        new RankInputs(
            new Rows(json.readTree(modelConfig).get("vocab_size").asInt()),
            ModelFiles.of(new LocalFolder(folder)),
            null,
            report -> {},
            1,
            Duration.ofSeconds(30),
            0);
    RankResult result =
        new RankTrainer(
                config,
                LoopbackRendezvous.create(1).get(0),
                new RankAddress("127.0.0.1", "this", "cpu"),
                inputs)
            .train();
    assertThat(result.steps().get(0).loss()).isCloseTo(expected.asDouble(), within(LOSS_TOLERANCE));
  }
}
