package dev.penstock.spark.params;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.OptimizerKind;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.spark.ml.param.Param;

/**
 * Options that were set, but that nothing reads beside the others: refused, for who set them
 * expects them to do something. One that was set to its default is let pass.
 */
final class UnreadOptions {
  /**
   * @param option what is not read
   * @param unread when it is not
   * @param reason what is to be set instead for it to be read, or what takes its place
   */
  private record Rule(TrainerOption option, Predicate<TrainerParams<?>> unread, String reason) {}

  private static final List<Rule> RULES =
      List.of(
          unless(OptimizerKind.SGD, TrainerOption.MOMENTUM),
          when(OptimizerKind.SGD, TrainerOption.BETA1),
          when(OptimizerKind.SGD, TrainerOption.BETA2),
          when(OptimizerKind.SGD, TrainerOption.EPSILON),
          beside(TrainerOption.MODULE_NAMES_PER_STAGE, TrainerOption.LAYERS_PER_STAGE),
          beside(TrainerOption.MODULE_NAMES_PER_STAGE, TrainerOption.SPLIT_STRATEGY),
          beside(
              TrainerOption.MODULE_NAMES_PER_STAGE,
              TrainerOption.ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE),
          beside(TrainerOption.PP_SCHEDULE_CSV, TrainerOption.PP_SCHEDULE),
          withPacking(TrainerOption.TRUNCATION),
          withPacking(TrainerOption.PAD_TO_MULTIPLE_OF),
          new Rule(
              TrainerOption.STREAM_AHEAD,
              params -> params.getDataMode().equals("staged"),
              "dataMode is not stream"),
          new Rule(
              TrainerOption.STAGED_DATA_PATH,
              params -> params.getDataMode().equals("stream"),
              "what was read of a stream is removed"),
          new Rule(
              TrainerOption.CHAT_TEMPLATE,
              params -> !params.isDefined(params.messagesCol()),
              "there is no messagesCol"),
          new Rule(
              TrainerOption.EOS_TOKEN_ID,
              params ->
                  params.isDefined(params.messagesCol())
                      || params.isDefined(params.tokensCol())
                      || params.getPromptEncoding().equals("separate"),
              "only texts and completions joined to their prompts get a token behind them"),
          new Rule(
              TrainerOption.WD_INCR_STEPS,
              params -> params.getWdIncrStyle().equals("constant"),
              "wdIncrStyle is constant"),
          new Rule(
              TrainerOption.WEIGHT_DECAY,
              params ->
                  params.isSet(params.startWeightDecay()) && params.isSet(params.endWeightDecay()),
              "startWeightDecay and endWeightDecay take its place"),
          new Rule(
              TrainerOption.GRAD_NORM_TYPE,
              params -> params.getMaxGradNorm() == 0,
              "maxGradNorm 0 turns clipping off"),
          new Rule(
              TrainerOption.LR_DECAY_STEPS,
              params -> params.getLrDecayStyle().equals("constant"),
              "lrDecayStyle is constant"),
          new Rule(
              TrainerOption.MIN_LEARNING_RATE,
              params -> params.getLrDecayStyle().equals("constant"),
              "lrDecayStyle is constant"),
          new Rule(
              TrainerOption.LR_WSD_DECAY_STYLE,
              params -> !params.getLrDecayStyle().equals("wsd"),
              "lrDecayStyle is not wsd"),
          new Rule(
              TrainerOption.INIT_LEARNING_RATE,
              params -> params.isSet(params.lrWarmupSteps()) && params.getLrWarmupSteps() == 0,
              "lrWarmupSteps 0 leaves no warm-up to start from it"),
          without(TrainerOption.MLFLOW_TRACKING_URI, TrainerOption.MLFLOW_EXPERIMENT_NAME),
          without(TrainerOption.MLFLOW_TRACKING_URI, TrainerOption.MLFLOW_RUN_NAME),
          without(TrainerOption.MLFLOW_TRACKING_URI, TrainerOption.MLFLOW_TAGS),
          without(TrainerOption.MLFLOW_TRACKING_URI, TrainerOption.MLFLOW_LOG_MODEL),
          new Rule(
              TrainerOption.LIVE_PAGE_PORT, params -> !params.getLivePage(), "livePage is false"),
          new Rule(
              TrainerOption.LIVE_PAGE_HOST, params -> !params.getLivePage(), "livePage is false"));

  private UnreadOptions() {}

  private static Rule unless(OptimizerKind kind, TrainerOption option) {
    return new Rule(
        option,
        params -> OptimizerKind.parse(params.getOptimizer()) != kind,
        "only optimizer " + name(kind) + " reads it");
  }

  private static Rule when(OptimizerKind kind, TrainerOption option) {
    return new Rule(
        option,
        params -> OptimizerKind.parse(params.getOptimizer()) == kind,
        "optimizer " + name(kind) + " does not read it");
  }

  private static String name(OptimizerKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static Rule withPacking(TrainerOption option) {
    return new Rule(option, params -> params.getPacking().equals("packed"), "packing is not none");
  }

  private static Rule beside(TrainerOption other, TrainerOption option) {
    return new Rule(
        option,
        params -> params.isDefined(params.option(other)),
        other.paramName() + " takes its place");
  }

  private static Rule without(TrainerOption other, TrainerOption option) {
    return new Rule(
        option,
        params -> !params.isDefined(params.option(other)),
        other.paramName() + " is not set");
  }

  /**
   * Checks what is set.
   *
   * @throws ConfigException that names every option that nothing would read
   */
  static void check(TrainerParams<?> params) {
    List<String> unread =
        RULES.stream()
            .filter(rule -> isChanged(params, rule.option()) && rule.unread().test(params))
            .map(
                rule ->
                    "%s is %s, but %s"
                        .formatted(
                            rule.option().paramName(),
                            params.<Object>value(rule.option()),
                            rule.reason()))
            .toList();
    if (!unread.isEmpty()) {
      throw new ConfigException(
          "Nothing would read what is set here:\n- %s\nClear it, or change the other Param."
              .formatted(String.join("\n- ", unread)));
    }
  }

  private static boolean isChanged(TrainerParams<?> params, TrainerOption option) {
    Param<Object> param = params.option(option);
    return params.isSet(param)
        && !Objects.deepEquals(params.getOrDefault(param), option.defaultValue());
  }
}
