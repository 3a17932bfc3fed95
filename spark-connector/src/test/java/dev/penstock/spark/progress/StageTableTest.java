package dev.penstock.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.plan.StageSummary;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageTableTest {
  @Test
  void stagesAreRowsAndNeighbouringLayersAreJoined() {
    StageSummary first =
        new StageSummary(
            0,
            0,
            List.of("model.embed_tokens", "model.layers.0", "model.layers.1", "model.layers.2"),
            1_500_000,
            0.625);
    StageSummary last =
        new StageSummary(1, 1, List.of("model.layers.3", "model.norm", "lm_head"), 500_000, 0.375);
    assertThat(StageTable.draw(List.of(first, last)))
        .isEqualTo(
            """
            stage  rank    parameters   share    cost  modules
                0     0     1,500,000   75.0%   62.5%  model.embed_tokens, model.layers.0-2
                1     1       500,000   25.0%   37.5%  model.layers.3, model.norm, lm_head
            """);
  }
}
