package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandSpellingTest {
  @ParameterizedTest
  @CsvSource({
    "automodel finetune llm -c F --a.b 1, train F --a.b 1",
    "automodel pretrain llm --a.b 1 -c F, train F --a.b 1",
    "automodel finetune llm --config F, train F",
    "finetune llm -c F, train F",
    "automodel F.yaml --a.b 1, train F.yaml --a.b 1",
    "am F.yaml --nproc-per-node 8, train F.yaml --nproc-per-node 8",
    "F.yaml --a.b 1, train F.yaml --a.b 1",
    "resolve automodel finetune llm -c F --a.b 1, resolve F --a.b 1",
    "resolve automodel F, resolve F",
    "resolve F, resolve F",
    "train -c F --a.b 1, train F --a.b 1",
    "params, params",
    "'', ''"
  })
  void documentsOfNemoAutomodelAreUnderstood(String typed, String ours) {
    assertThat(CommandSpelling.ours(words(typed))).isEqualTo(words(ours));
  }

  private static List<String> words(String line) {
    return line.isEmpty() ? List.of() : List.of(line.split(" "));
  }
}
