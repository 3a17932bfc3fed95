package dev.penstock.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.torch.HostTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.NamedTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.named_buffer_iterator;
import org.bytedeco.pytorch.named_buffer_list;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts of every kind that people bring, beside what plain PyTorch makes of them. */
class TorchScriptCasesTest {
  private static final double RELATIVE = 1e-5;

  /**
   * A bias before a normalisation has no gradient but rounding, of which Adam makes whole steps: it
   * is the reference's only so far, and so are the running mean and what evaluation makes of them.
   * Twenty steps of the learning rate of 0.01 are the most.
   */
  private static final double ROUNDING = 2e-6;

  private static final double STEPS_OF_ROUNDING = 0.2;

  static List<ScriptCase> trained() throws IOException {
    return ScriptCase.expecting("equal");
  }

  static List<ScriptCase> refused() throws IOException {
    return ScriptCase.expecting("refused");
  }

  private static void assertClose(List<Double> actual, JsonNode expected) {
    List<Double> values = new ArrayList<>();
    expected.forEach(value -> values.add(value.asDouble()));
    assertClose(actual, values);
  }

  private static void assertClose(List<Double> actual, List<Double> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertClose(actual.get(i), expected.get(i));
    }
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(RELATIVE * Math.abs(expected)));
  }

  @ParameterizedTest
  @MethodSource("trained")
  void stagesTrainAsPlainPyTorchTrainsThem(ScriptCase scripts, @TempDir Path saved)
      throws IOException {
    ScriptCase.Outcome outcome = scripts.train(scripts.recipe(), saved);
    JsonNode expected = scripts.expected();
    assertClose(outcome.losses(), expected.path("losses"));
    assertClose(outcome.gradNorms(), expected.path("grad_norms"));
    double evaluated = expected.path("loss_after_training_in_eval_mode").asDouble();
    boolean rounded = outcome.firstGradients().values().stream().anyMatch(norm -> norm < ROUNDING);
    assertThat(outcome.evaluated().get(0))
        .isCloseTo(evaluated, within((rounded ? STEPS_OF_ROUNDING : RELATIVE) * evaluated));
    assertGradients(outcome.firstGradients(), expected.path("gradients_step_1"));
    assertNorms(outcome, expected.path("parameter_norms_after_training"));
    assertBuffers(saved, expected.path("buffers_after_training"));
  }

  private static void assertGradients(Map<String, Double> actual, JsonNode expected) {
    actual.forEach(
        (name, norm) -> {
          if (expected.path(name).isNull()) {
            assertThat(norm).as(name).isNaN();
          } else {
            double wanted = expected.path(name).asDouble();
            assertThat(norm).as(name).isCloseTo(wanted, within(ROUNDING + RELATIVE * wanted));
          }
        });
  }

  private static void assertNorms(ScriptCase.Outcome outcome, JsonNode expected) {
    outcome
        .parameterNorms()
        .forEach(
            (name, norm) -> {
              double wanted = expected.path(name).asDouble();
              boolean rounding = outcome.firstGradients().get(name) < ROUNDING;
              assertThat(norm)
                  .as(name)
                  .isCloseTo(wanted, within(rounding ? 2 * STEPS_OF_ROUNDING : RELATIVE * wanted));
            });
  }

  private static void assertBuffers(Path saved, JsonNode expected) {
    expected
        .fields()
        .forEachRemaining(
            field -> {
              int dot = field.getKey().indexOf('.');
              Path file = saved.resolve("stage" + field.getKey().substring(0, dot) + ".pt");
              double[] buffer = buffer(file, field.getKey().substring(dot + 1));
              double tolerance =
                  field.getKey().endsWith("running_mean") ? STEPS_OF_ROUNDING : RELATIVE;
              for (int i = 0; i < buffer.length; i++) {
                assertThat(buffer[i])
                    .as(field.getKey())
                    .isCloseTo(field.getValue().path(i).asDouble(), within(tolerance));
              }
            });
  }

  private static double[] buffer(Path file, String name) {
    try (PointerScope scope = new PointerScope()) {
      JitModule module = torch.load(file.toString());
      named_buffer_list buffers = module.named_buffers();
      named_buffer_iterator at = buffers.begin();
      for (long i = buffers.size(); i > 0; i--) {
        NamedTensor entry = at.access();
        if (entry.name().getString().equals(name)) {
          return HostTensors.toDoubles(entry.value());
        }
        at.increment();
      }
    }
    throw new AssertionError(file + " has no buffer " + name);
  }

  @ParameterizedTest
  @MethodSource("trained")
  void savedStagesAreTheTrainedOnes(ScriptCase scripts, @TempDir Path saved) throws IOException {
    double evaluated = scripts.train(scripts.recipe(), saved).evaluated().get(0);
    ScriptCase again = new ScriptCase(scripts.name(), saved, scripts.expected());
    String data = "data.safetensors";
    Files.copy(scripts.folder().resolve(data), saved.resolve(data));
    ScriptCase.Recipe none = new ScriptCase.Recipe(1, "LoopedBFS", 0, 0, false);
    assertThat(again.train(none, null).evaluated().get(0))
        .isCloseTo(evaluated, within(RELATIVE * evaluated));
  }

  @ParameterizedTest
  @MethodSource("trained")
  void neitherScheduleNorAnEvaluationChangesARun(ScriptCase scripts) {
    ScriptCase.Outcome plain = scripts.train(scripts.recipe(), null);
    ScriptCase.Recipe other = new ScriptCase.Recipe(1, "LoopedBFS", 0, plain.losses().size(), true);
    ScriptCase.Outcome evaluated = scripts.train(other, null);
    assertClose(evaluated.losses(), plain.losses());
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsNoStageIsRefusedInWords(ScriptCase scripts) {
    assertThatThrownBy(() -> TorchScriptStage.load(scripts.files().get(0), "s"))
        .isInstanceOf(ConfigException.class)
        .hasNoCause()
        .hasMessageContaining(scripts.files().get(0))
        .hasMessageMatching("(?s).*(torch.jit.script|exactly one tensor).*")
        .message()
        .hasSizeLessThan(600)
        .doesNotContain("frame #", "libtorch");
  }

  private static List<Double> dropped(ScriptCase.Recipe recipe) throws IOException {
    return ScriptCase.of("dropout-on").train(recipe, null).losses();
  }

  @Test
  void dropoutDependsOnSeedStageStepAndMicrobatchAlone() throws IOException {
    ScriptCase.Recipe recipe = new ScriptCase.Recipe(2, "1f1b", 7, 12, false);
    List<Double> losses = dropped(recipe);
    assertThat(dropped(recipe)).isEqualTo(losses);
    assertClose(dropped(new ScriptCase.Recipe(2, "gpipe", 7, 12, false)), losses);
    assertClose(dropped(new ScriptCase.Recipe(1, "LoopedBFS", 7, 12, true)), losses);
    assertThat(dropped(new ScriptCase.Recipe(2, "1f1b", 8, 12, false)).get(0))
        .isNotEqualTo(losses.get(0));
  }

  @Test
  void dropoutTrainsAndEvaluatesWithoutDropping() throws IOException {
    ScriptCase scripts = ScriptCase.of("dropout-on");
    ScriptCase.Outcome outcome = scripts.train(new ScriptCase.Recipe(2, "1f1b", 0, 40, true), null);
    ScriptCase.Outcome without =
        ScriptCase.of("dropout-on").train(new ScriptCase.Recipe(1, "LoopedBFS", 5, 0, false), null);
    assertThat(outcome.evaluated().get(0)).isEqualTo(without.evaluated().get(0));
    assertThat(outcome.evaluated().get(1)).isLessThan(outcome.evaluated().get(0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void evaluationAndFindingShapesLeaveBuffersAlone(boolean evaluate, @TempDir Path saved)
      throws IOException {
    TorchScriptStage stage = TorchScriptStage.load(ScriptCase.of("batch-norm").files().get(0), "s");
    try (stage;
        Tensor row = torch.ones(1, 4)) {
      if (evaluate) {
        stage.forward(row, null).close();
      } else {
        assertThat(stage.outputShape(new long[] {3, 4})).containsExactly(3, 4);
        assertThat(stage.outputShape(row)).containsExactly(1, 4);
      }
      Path copy = saved.resolve("stage.pt");
      stage.save(copy);
      assertThat(buffer(copy, "norm.num_batches_tracked")).containsExactly(0);
      assertThat(buffer(copy, "norm.running_var")).containsOnly(1);
    }
  }

  @Test
  void stagesThatDoNotFitNameTheFileAndTheShape() throws IOException {
    TorchScriptStage stage = TorchScriptStage.load(ScriptCase.of("frozen").files().get(0), "s");
    try (stage) {
      assertThatThrownBy(() -> stage.outputShape(new long[] {3, 5}))
          .isInstanceOf(ConfigException.class)
          .hasNoCause()
          .hasMessageContaining("stage0.pt")
          .hasMessageContaining("[3, 5]")
          .hasMessageContaining("cannot be multiplied")
          .message()
          .doesNotContain("frame #");
    }
  }
}
