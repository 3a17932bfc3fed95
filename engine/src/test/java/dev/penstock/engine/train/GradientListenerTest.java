package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.GradientListener;
import dev.penstock.engine.runtime.RowSplit;
import dev.penstock.engine.runtime.StepData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class GradientListenerTest {
  /** Notes after how many actions each stage was complete. */
  private static final class Notes implements GradientListener {
    private final List<Integer> stages = new ArrayList<>();
    private final List<Integer> actionsBefore = new ArrayList<>();
    private int actions;

    @Override
    public void onComplete(int stage) {
      stages.add(stage);
      actionsBefore.add(actions);
    }

    @Override
    public void onAction() {
      actions++;
    }
  }

  @Test
  void aStageIsCompleteWhileOthersStillRunBackward() {
    TrainingPlan plan = TrainingPlan.of(new TestingRun(1, 1, "interleaved1f1b", 2).config(false));
    Notes notes = new Notes();
    try (Transport transport =
            LoopbackTransport.join(UUID.randomUUID().toString(), 0, 1, Duration.ofSeconds(10));
        RankStages stages =
            RankStages.create(
                plan,
                new ProcessGrid(1, 1),
                transport,
                RankStages.cpu(),
                new TokenCrossEntropy(),
                (action, begin, end) -> {});
        PointerScope scope = new PointerScope()) {
      StepData data =
          new BatchExchange(transport, 0, 0, "cpu")
              .distribute(
                  TestingRun.rows(0, 0, TestingRun.ROWS),
                  RowSplit.sizes(TestingRun.ROWS, 4),
                  TestingRun.LENGTH);
      stages.runtime().step(data, notes);
    }
    assertThat(notes.stages).containsExactly(1, 0);
    assertThat(notes.actionsBefore.get(0)).isLessThan(notes.actions - 2);
  }
}
