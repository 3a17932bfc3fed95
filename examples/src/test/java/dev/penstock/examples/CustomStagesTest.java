package dev.penstock.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CustomStagesTest {
  private static final Path SCRIPTS = Path.of("../engine/src/test/resources/torchscript");

  private record Run(int exitCode, String out, String err) {}

  private static Run run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        CustomStages.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    return new Run(command.execute(texts), out.toString(), err.toString());
  }

  @Test
  void scriptsTrainOnRowsOfAFileAndAreSaved(@TempDir Path saved) {
    Path scripts = SCRIPTS.resolve("embedding-first");
    Run trained =
        run(
            scripts.resolve("stage0.pt"),
            scripts.resolve("stage1.pt"),
            "--data",
            scripts.resolve("data.safetensors"),
            "--steps",
            20,
            "--save",
            saved);
    assertThat(trained.err).isEmpty();
    assertThat(trained.out)
        .contains("step   1  loss 16.5153", "step  20  loss 10.0810", "evaluated  loss 9.9229");
    Run again =
        run(
            saved.resolve("stage0.pt"),
            saved.resolve("stage1.pt"),
            "--data",
            scripts.resolve("data.safetensors"),
            "--steps",
            0);
    assertThat(again.out).contains("evaluated  loss 9.9229");
  }

  @Test
  void stagesWrittenInJavaTrain() {
    Run run = run("--steps", 20);
    assertThat(run.exitCode).isZero();
    assertThat(run.out).containsPattern("step   1 {2}loss \\d").contains("step  20  loss");
  }

  @Test
  void whatIsNoStageIsToldInOneLine() {
    Run run = run(SCRIPTS.resolve("pickled-module/stage0.pt"));
    assertThat(run.exitCode).isNotZero();
    assertThat(run.err.strip().lines()).hasSize(1);
    assertThat(run.err).contains("pickled-module/stage0.pt", "torch.jit.script");
  }
}
