package dev.penstock.examples.bench;

import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.modelfiles.WeightReader;
import dev.penstock.engine.modelfiles.WeightWriter;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.torch.Threads;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * GB/s of writing a model's weights to the disk and reading them, against dd on the same folder.
 * Writes count until the disk has them. Reads are measured twice: from the page cache, and after
 * the cache was told to forget the file.
 */
@Command(name = "safetensors-bench", mixinStandardHelpOptions = true, sortOptions = false)
public final class SafetensorsBench extends BenchCommand {
  private static final String COPY = "copy";

  @Option(names = "--folder", description = "where to write (default: the temporary folder)")
  private @Nullable Path folder;

  @Option(names = "--hidden", description = "hidden size (default: ${DEFAULT-VALUE})")
  private int hidden = 1024;

  @Option(names = "--layers", description = "layers; 20 are about 1 GB (default: ${DEFAULT-VALUE})")
  private int layers = 20;

  @Option(names = "--repeat", description = "times each is measured (default: ${DEFAULT-VALUE})")
  private int repeat = 3;

  SafetensorsBench() {}

  /** Runs the command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new SafetensorsBench()).execute(args));
  }

  @Override
  Map<String, Object> measure() throws IOException {
    BenchShape shape = new BenchShape();
    shape.hidden = hidden;
    shape.layers = layers;
    shape.ppSize = 1;
    TrainingPlan plan = TrainingPlan.of(shape.config(shape.modelConfig()));
    Threads.configure(1);
    try (TempFolder target = TempFolder.create(folder);
        RankModel model = new RankModel(plan.spec(), plan.modulesOf(0), ScalarType.Float, "cpu")) {
      new WeightInitializer(0, plan.spec().initializerRange()).fill(model.arena());
      return measure(target.path(), plan.spec(), model.arena());
    }
  }

  private Map<String, Object> measure(Path target, DecoderSpec spec, ParameterArena arena)
      throws IOException {
    LocalFolder store = new LocalFolder(target);
    DiskCopy dd = new DiskCopy(target.resolve(ModelWeights.SINGLE_FILE), target.resolve(COPY));
    Rates rates = new Rates();
    for (int i = 0; i < repeat; i++) {
      rates.time(
          "write",
          () -> WeightWriter.write(store, ModelWeights.SINGLE_FILE, arena.parameters(), DType.F32));
      rates.time("dd_write", dd::write);
    }
    dd.forget();
    dd.read(); // what lies below this machine may have a cache too: no reader comes first to it
    for (int i = 0; i < repeat; i++) {
      rates.time("read", () -> read(store, spec, arena));
      rates.time("dd_read", dd::read);
    }
    for (int i = 0; i < repeat; i++) {
      dd.forget();
      rates.time("read_uncached", () -> read(store, spec, arena));
      dd.forget();
      rates.time("dd_read_uncached", dd::read);
    }
    long bytes = Files.size(target.resolve(ModelWeights.SINGLE_FILE));
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("file_system", Files.getFileStore(target).type());
    report.put("bytes", bytes);
    report.putAll(rates.gigabytesPerSecond(bytes));
    return report;
  }

  private static void read(LocalFolder store, DecoderSpec spec, ParameterArena arena)
      throws IOException {
    try (ModelWeights weights = ModelWeights.open(store)) {
      WeightReader.read(spec, weights, arena);
    }
  }
}
