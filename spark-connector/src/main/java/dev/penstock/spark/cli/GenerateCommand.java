package dev.penstock.spark.cli;

import dev.penstock.spark.CausalLMModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Continues a prompt. */
@Command(
    name = "generate",
    description = "Continues a prompt, as the model's generation_config.json says.")
final class GenerateCommand implements Runnable {
  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Folder of a model or of adapters.")
  private String model;

  @Parameters(index = "1", paramLabel = "PROMPT", description = "The text to continue.")
  private String prompt;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Takes the likeliest token each time, N of them at most.")
  private Integer maxNewTokens;

  @Override
  public void run() {
    try (LocalSpark session = LocalSpark.start("penstock generate")) {
      CausalLMModel opened = CausalLMModel.ofFolder(model);
      command
          .commandLine()
          .getOut()
          .println(
              maxNewTokens == null
                  ? opened.generate(prompt)
                  : opened.generate(prompt, maxNewTokens));
    }
  }
}
