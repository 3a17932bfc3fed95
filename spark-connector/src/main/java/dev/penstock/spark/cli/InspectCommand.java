package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what lies in a folder. */
@Command(
    name = "inspect",
    description = "Says what a model folder, or a folder of checkpoints, holds, and checks it.",
    footer = "Exit code 0 if it is whole, else 1. Every byte of a checkpoint is read.")
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Parameters(paramLabel = "PATH", description = "The folder, on any file system of Hadoop.")
  private String path = "";

  @Override
  public Integer call() throws IOException {
    PrintWriter out = command.commandLine().getOut();
    Configuration conf = new Configuration();
    HadoopFolder folder = folder(conf);
    boolean whole =
        ModelInspection.isModel(folder)
            ? new ModelInspection(out).inspect(folder)
            : new CheckpointInspection(out).inspect(path, conf);
    out.flush();
    return whole ? 0 : 1;
  }

  private HadoopFolder folder(Configuration conf) {
    try {
      return HadoopFolder.of(path, conf);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(
          "%s is no folder that can be read: %s. Give a path of a file system that Hadoop knows."
              .formatted(Quoted.of(path), e.getMessage()),
          e);
    }
  }
}
