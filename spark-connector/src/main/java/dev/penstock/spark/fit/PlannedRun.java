package dev.penstock.spark.fit;

import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.family.AdapterConfig;
import dev.penstock.engine.plan.Forecast;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.RunFacts;
import dev.penstock.spark.params.TrainerParams;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run as far as Params and the model's configuration tell: neither weights nor data are read.
 *
 * @param config the run
 * @param extras what it does beside training
 */
public record PlannedRun(TrainingConfig config, Forecast.Extras extras) {
  private static final Logger log = LoggerFactory.getLogger(PlannedRun.class);

  /**
   * Reads it.
   *
   * @throws dev.penstock.engine.config.ConfigException if the configuration cannot be read, or does
   *     not go with the Params
   */
  public static PlannedRun read(TrainerParams<?> params, Configuration conf) throws IOException {
    RunInputs.checkModel(params);
    NamedModels models =
        new NamedModels(conf, null, true, log::info); // the driver alone reads them
    ModelPaths start = RunInputs.start(params, models, ModelPart.CONFIG);
    AdapterConfig adapters = start == null ? null : start.adapterConfig(conf);
    RunFacts facts =
        new RunFacts(
            modelConfig(params, start, conf),
            adapters == null ? null : adapters.lora(),
            ScheduleText.read(params, conf));
    return new PlannedRun(
        EngineConfigs.trainingConfig(params, facts),
        new Forecast.Extras(
            EngineConfigs.validationConfig(params).orElse(null), RunCheckpoints.areWanted(params)));
  }

  private static String modelConfig(
      TrainerParams<?> params, @Nullable ModelPaths start, Configuration conf) throws IOException {
    return start == null
        ? params.getModelConfig()
        : ModelFolder.of(start.model(), conf).readConfig();
  }
}
