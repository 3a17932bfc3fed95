package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.plan.Finding;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.explain.DataVolume;
import dev.penstock.spark.explain.Explanation;
import dev.penstock.spark.explain.Warning;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what a run would be; reads the model's config.json alone, and starts no Spark. */
@Command(
    name = "explain",
    description = "Says what a run of a recipe would be: stages, schedule, memory, time.",
    footer = "Reads neither weights nor data; the model's config.json is enough.")
final class ExplainCommand implements Callable<Integer> {
  private static final int MOST_NAMED = 12;

  @Spec private CommandSpec command;
  @Mixin private RecipeArguments arguments;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description =
          "What ranks compute on: h100, h200, a100, l40s, cpu, cpu:GFLOPS of a core, or cpu:measured.")
  private @Nullable String device;

  @Option(
      names = "--devices",
      paramLabel = "N",
      description =
          "How many there are: decides dp_size where the recipe does not, and what --suggest lays out.")
  private @Nullable Integer devices;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of one pass over the data; else told by the sizes of files.")
  private @Nullable Long tokens;

  @Option(names = "--suggest", description = "Looks for the three fastest layouts that fit.")
  private boolean suggest;

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (devices != null && devices < 1) {
      throw new ConfigException(
          String.format(Locale.ROOT, "--devices must be at least 1, but is %s.", devices));
    }
    if (tokens != null && tokens < 1) {
      throw new ConfigException(
          String.format(Locale.ROOT, "--tokens must be at least 1, but is %s.", tokens));
    }
    Recipe recipe = arguments.read();
    recipe.check();
    Configuration conf = new Configuration();
    Map<TrainerOption, Object> options = new EnumMap<>(TrainerOption.class);
    options.putAll(recipe.options());
    NamedModels models = new NamedModels(conf, null, true, line -> {});
    new ModelSource(recipe, models, ModelPart.CONFIG, options).apply();
    int ranks = (int) options.getOrDefault(TrainerOption.PP_SIZE, 1);
    int replicas =
        (int)
            options.computeIfAbsent(
                TrainerOption.DP_SIZE,
                option -> devices == null ? 1 : Math.max(1, devices / ranks));
    if (!recipe.section("validation_dataset").isEmpty()) {
      options.putIfAbsent(TrainerOption.VALIDATION_INDICATOR_COL, "validation"); // rows not read
    }
    CausalLMTrainer trainer = new CausalLMTrainer();
    options.forEach(trainer::with);
    Integer wanted = devices == null ? Integer.valueOf(ranks * replicas) : devices;
    Explanation explanation =
        Explanation.of(
            trainer,
            conf,
            new Explanation.Request(device, suggest ? wanted : null, data(recipe, conf)),
            null,
            unused(recipe.withoutMeaning().keySet()));
    String text = json ? explanation.json() : explanation.text();
    command.commandLine().getOut().print(text + (json ? "\n" : ""));
    command.commandLine().getOut().flush();
    return explanation.forecast().fits() ? 0 : Penstock.USER_ERROR;
  }

  private @Nullable DataVolume data(Recipe recipe, Configuration conf) {
    return tokens == null
        ? new DatasetSize(recipe, conf).estimate().orElse(null)
        : DataVolume.given(tokens);
  }

  private static List<Warning> unused(Collection<String> keys) {
    if (keys.isEmpty()) {
      return List.of();
    }
    List<String> named = keys.stream().limit(MOST_NAMED).map(Quoted::plain).toList();
    return List.of(
        Warning.of(
            new Finding(
                Finding.Harm.UNUSED_KEY,
                String.format(
                    Locale.ROOT,
                    "Without meaning here, see penstock resolve: %s%s.",
                    String.join(", ", named),
                    named.size() < keys.size()
                        ? String.format(Locale.ROOT, " and %d more", keys.size() - MOST_NAMED)
                        : ""))));
  }
}
