package dev.penstock.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleCsvTest {
  @Test
  void everyScheduleSurvivesTheRoundTrip() {
    for (ScheduleGenerator generator : Schedules.all()) {
      PipelineSchedule schedule = generator.generate(4, generator.singleStage() ? 1 : 2, 8);

      PipelineSchedule read = ScheduleCsv.parseComputeOnly(ScheduleCsv.format(schedule));

      assertThat(read.ranks()).isEqualTo(schedule.ranks());
      assertThat(read.placement()).isEqualTo(schedule.placement());
      assertThat(read.numMicrobatches()).isEqualTo(8);
      PipelineSchedule lowered = Lowering.lower(schedule);
      assertThat(ScheduleCsv.parseComputeComms(ScheduleCsv.format(lowered)).ranks())
          .isEqualTo(lowered.ranks());
    }
  }

  @Test
  void formatIsOneRankALine() {
    assertThat(ScheduleCsv.format(Schedules.named("1f1b").generate(2, 1, 2)))
        .isEqualTo("0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n");
  }

  @Test
  void whiteSpaceQuotesAndIdleCellsAreIgnored() {
    PipelineSchedule schedule =
        ScheduleCsv.parseComputeOnly(" 0F0 ,,\t,0B0\r\n,\"1F0\",1B0 , \r\n\r\n", 2, 2, 1);

    assertThat(ScheduleCsv.format(schedule)).isEqualTo("0F0,0B0\n1F0,1B0\n");
    assertThat(schedule.isLowered()).isFalse();
  }

  @Test
  void placementIsInferredFromWhoComputes() {
    PipelineSchedule schedule = ScheduleCsv.parseComputeOnly("0F0,1F0,1B0,0B0\n2F0,2B0\n");

    assertThat(schedule.placement().stageToRank()).containsExactly(0, 0, 1);
    assertThat(ScheduleCases.strings(Lowering.lower(schedule).ranks()).get(0))
        .containsExactly(
            "0F0", "1F0", "1SEND_F0", "1RECV_B0", "1B0", "1REDUCE_GRAD", "0B0", "0REDUCE_GRAD");
  }

  @Test
  void garbageIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("0F0,0B0\n1F0,1B0xyz"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "Invalid action string: 1B0xyz, should be formatted as [stage][action"
                + " type][(microbatch)] e.g. 2F0 (rank 1, step 1)");
  }

  @Test
  void idleCellsCountAsSteps() {
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("0F0,0B0\n,,1B0,1F0"))
        .hasMessageStartingWith("Rank 1, step 2: Running Full Backward for stage 1, microbatch 0")
        .hasMessageContaining("Step 2:        1B0    <-- ERROR HERE");
  }

  @Test
  void communicationIsNotComputeOnly() {
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("0F0,0SEND_F0,0B0\n1F0,1B0"))
        .hasMessage(
            "Expected compute-only schedule but found communication action '0SEND_F0' at rank 0,"
                + " position 1. Communication actions (e.g. SEND_F, RECV_F, etc.) should not be"
                + " present when format='compute_only'. Save the schedule before torch lowers it, or"
                + " leave out the cells with communication.");
  }

  @Test
  void deadlockIsRefusedBeforeItRuns() {
    String crossed = "0F0,0F1,0B0,0B1\n1F1,1B1,1F0,1B0\n";
    String stuck = "0F0,0B0,0F1,0B1\n1F0,1F1,1B0,1B1\n";

    assertThat(ScheduleCsv.parseComputeOnly(crossed).numMicrobatches()).isEqualTo(2);
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(stuck))
        .hasMessageStartingWith("Malformed compute schedule, can't schedule sends/recvs")
        .hasMessageContaining("Rank 0, step 1: 0B0 waits for its input")
        .hasMessageContaining(" <-- ERROR HERE");
  }

  @Test
  void numbersMustBeTheRuns() {
    String csv = "0F0,0B0\n1F0,1B0\n";

    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(csv, 4, 2, 1))
        .hasMessage("Schedule has incorrect number of ranks - expected 4, actual 2");
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(csv, 2, 3, 1))
        .hasMessage("Got 0 _ComputationType.FORWARD microbatches for stage 2, expected 1");
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(csv, 2, 2, 2))
        .hasMessage("Got 1 _ComputationType.FORWARD microbatches for stage 0, expected 2");
  }

  @Test
  void hugeNumbersAreRefusedNotAllocated() {
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("0F999999999,0B999999999"))
        .hasMessageContaining("microbatch 999999999, but has only 2 cells");
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("999999999F0,999999999B0"))
        .hasMessageContaining("stage 999999999");
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(" \n"))
        .hasMessage("The schedule is empty");
  }

  @Test
  void hugeNumbersOfARunAreRefusedNotAllocated() {
    String csv = "0F0,0B0\n99999999F0,99999999B0\n";
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(csv, 2, 2, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("99999999F0 is of stage 99999999, but there are 2 stages");
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(csv, 2, 100_000_000, 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("100000000 stages and 1 microbatches are more than");
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("0F0,0B0", 1, 1, 2_000_000_000))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("2000000000 microbatches");
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("-1F0,0B0"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("Invalid action string: -1F0");
  }

  @Test
  void namesOfOlderTorchAreRead() {
    String full = "0F0,0F1,0BW0,0BW1\n1F0,1BW0,1F1,1BW1\n";
    assertThat(ScheduleCsv.format(ScheduleCsv.parseComputeOnly(full)))
        .isEqualTo("0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n");
    String split = "0F0,0F1,0B0,0W0,0BW1\n1F0,1B0,1F1,1W0,1BW1\n";
    assertThat(ScheduleCsv.format(ScheduleCsv.parseComputeOnly(split)))
        .isEqualTo("0F0,0F1,0I0,0W0,0B1\n1F0,1I0,1F1,1W0,1B1\n");
    String halves = "0F0,0B0,0W0\n1F0,1B0,1W0\n";
    assertThat(ScheduleCsv.format(ScheduleCsv.parseComputeOnly(halves, 2, 2, 1)))
        .isEqualTo("0F0,0I0,0W0\n1F0,1I0,1W0\n");
    for (ScheduleGenerator generator : Schedules.all()) {
      String newer = ScheduleCsv.format(generator.generate(2, generator.singleStage() ? 1 : 2, 4));
      String older = newer.replaceAll("(\\d)B(\\d)", "$1BW$2").replaceAll("(\\d)I(\\d)", "$1B$2");
      if (!newer.contains("(")) {
        assertThat(ScheduleCsv.format(ScheduleCsv.parseComputeOnly(older))).isEqualTo(newer);
      }
    }
  }

  @Test
  void messagesAreShortHoweverLongTheText() {
    String row = "0F0,".repeat(50_000);
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly(row + "\n" + row))
        .message()
        .hasSizeLessThan(2000);
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("x".repeat(2_000_000)))
        .message()
        .hasSizeLessThan(300);
  }

  /** Anything but a refusal in words fails the test. */
  @Test
  void randomTextsAreReadOrRefused() {
    Random random = new Random(3);
    String[] types = {"F", "B", "I", "W", "BW", "SEND_F", "RECV_B", "UNSHARD", "", "X"};
    String[] numbers = {"0", "1", "2", "-1", "7", "65536", "262144", "999999999", "9999999999", ""};
    int read = 0;
    for (int run = 0; run < 20_000; run++) {
      StringBuilder text = new StringBuilder();
      for (int cell = 0; cell < 8; cell++) {
        String action =
            numbers[random.nextInt(random.nextInt(numbers.length) + 1)]
                + types[random.nextInt(random.nextInt(types.length) + 1)]
                + numbers[random.nextInt(random.nextInt(numbers.length) + 1)];
        boolean overlap = random.nextInt(20) == 0;
        text.append(overlap ? "(" + action + ";" + action + ")OVERLAP_F_B" : action)
            .append(random.nextInt(4) == 0 ? '\n' : ',');
      }
      try {
        ScheduleCsv.parseComputeOnly(text.toString());
        read++;
      } catch (ConfigException e) {
        assertThat(e.getMessage()).hasSizeLessThan(2500);
      }
      try {
        ScheduleCsv.parseComputeComms(text.toString(), 2, 2, 1 << run % 31);
      } catch (ConfigException e) {
        assertThat(e.getMessage()).hasSizeLessThan(2500);
      }
    }
    assertThat(read).isLessThan(20_000);
  }

  @Test
  void rankWithoutWorkIsRefused() {
    assertThatThrownBy(() -> ScheduleCsv.parseComputeOnly("0F0,0B0\n,\n1F0,1B0"))
        .hasMessage("Rank 1 computes no stage");
  }

  @Test
  void lowerWantsAComputeOrder() {
    PipelineSchedule lowered = Lowering.lower(Schedules.named("GPipe").generate(2, 1, 2));

    assertThatThrownBy(() -> Lowering.lower(lowered))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lowered already");
  }

  @Test
  void communicationScheduleHasNoIdleCells() {
    assertThatThrownBy(() -> ScheduleCsv.parseComputeComms("0F0,,0B0"))
        .hasMessageStartingWith(
            "Rank 0, step 1: A schedule with communication must have no empty cells");
  }

  @Test
  void sendsAndReceivesMustMatch() {
    assertComms(
        "0F0,0SEND_F0,0RECV_B0,0B0\n1F0,1B0,1SEND_B0", "0SEND_F0 has no 1RECV_F0 on rank 1");
    assertComms(
        "0F0,0SEND_F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0", "0SEND_F0 is there twice");
    assertComms("0F0,0SEND_B0,0B0", "0SEND_B0 has no stage at its other end");
    assertComms("0F0,0SEND_F0,1RECV_F0,1F0,1B0,0B0", "0SEND_F0 has its other end on the same rank");
    assertComms(
        "0F0,0F1,0B0,0REDUCE_GRAD,0B1", "0REDUCE_GRAD comes before the stage's last weight");
  }

  @Test
  void receiveBehindItsConsumerIsRefused() {
    assertThatThrownBy(
            () ->
                ScheduleCsv.parseComputeComms(
                    "0F0,0SEND_F0,0RECV_B0,0B0\n1F0,1RECV_F0,1B0,1SEND_B0"))
        .hasMessageStartingWith("Schedule is not progressing");
  }

  @Test
  void fileMustExist(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("schedule.csv"), "0F0,0B0");

    assertThat(ScheduleCsv.read(file)).isEqualTo("0F0,0B0");
    assertThatThrownBy(() -> ScheduleCsv.read(folder))
        .isInstanceOf(ConfigException.class)
        .hasMessage("The specified path " + folder + " does not exist or is not a file.");
  }

  private static void assertComms(String csv, String message) {
    assertThatThrownBy(() -> ScheduleCsv.parseComputeComms(csv))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(" <-- ERROR HERE");
  }
}
