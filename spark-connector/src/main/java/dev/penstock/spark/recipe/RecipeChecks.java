package dev.penstock.spark.recipe;

import dev.penstock.spark.params.TrainerOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What keys say of each other, as far as it can be told without model, data and cluster.
 *
 * @param values all values by key
 * @param options what they say of options
 */
record RecipeChecks(Map<String, @Nullable Object> values, Map<TrainerOption, Object> options) {
  private static final String LOCAL = "step_scheduler.local_batch_size";
  private static final String LOADER = "dataloader.batch_size";

  /** The keys that contradict others, with why and the remedy. */
  Map<String, String> problems() {
    Map<String, String> problems = new LinkedHashMap<>();
    checkBothBatches(problems);
    checkMicrobatches(problems);
    checkAccumulation(problems);
    checkRates(problems);
    checkSchedule(problems);
    return problems;
  }

  private void checkBothBatches(Map<String, String> problems) {
    Object local = values.get(LOCAL);
    Object loader = values.get(LOADER);
    if (local != null && loader != null && !ValueSet.word(local).equals(ValueSet.word(loader))) {
      problems.put(
          LOADER,
          "It is %s, but %s is %s, and both are the sequences of one step of the pipeline. Leave out one."
              .formatted(ValueSet.word(loader), LOCAL, ValueSet.word(local)));
    }
  }

  private void checkMicrobatches(Map<String, String> problems) {
    Integer local = whole(TrainerOption.LOCAL_BATCH_SIZE);
    Integer micro = whole(TrainerOption.PP_MICROBATCH_SIZE);
    if (local != null && micro != null && local % micro != 0) {
      String why =
          String.format(
              Locale.ROOT,
              "It is %d, which does not divide %s %d. Let it.",
              micro,
              values.get(LOCAL) == null ? LOADER : LOCAL,
              local);
      problems.put("distributed.pipeline.pp_microbatch_size", why);
      problems.put("autopipeline.pp_microbatch_size", why);
    }
  }

  private void checkAccumulation(Map<String, String> problems) {
    Integer local = whole(TrainerOption.LOCAL_BATCH_SIZE);
    Integer global = whole(TrainerOption.GLOBAL_BATCH_SIZE);
    Integer replicas = whole(TrainerOption.DP_SIZE);
    long step = local == null ? 1 : (long) local * (replicas == null ? 1 : replicas);
    if (global != null && global % step != 0) {
      problems.put(
          "step_scheduler.global_batch_size",
          String.format(
              Locale.ROOT,
              "It is %d, which local_batch_size times dp_size (%d) does not divide: gradients are summed over a whole number of steps of the pipeline. Let it.",
              global,
              step));
    }
  }

  private void checkRates(Map<String, String> problems) {
    Double peak = (Double) options.get(TrainerOption.LEARNING_RATE);
    Map.of(
            "lr_scheduler.min_lr", TrainerOption.MIN_LEARNING_RATE,
            "lr_scheduler.init_lr", TrainerOption.INIT_LEARNING_RATE)
        .forEach(
            (key, option) -> {
              if (peak != null && options.get(option) instanceof Double rate && rate > peak) {
                problems.put(
                    key,
                    "It is %s, above optimizer.lr %s, which is the peak. Lower it, or raise that."
                        .formatted(rate, peak));
              }
            });
  }

  /** The warm-up must end before the rate has decayed, which it has at the end of the run. */
  private void checkSchedule(Map<String, String> problems) {
    Integer warmup = whole(TrainerOption.LR_WARMUP_STEPS);
    Integer decay = whole(TrainerOption.LR_DECAY_STEPS);
    Integer end = decay == null ? whole(TrainerOption.MAX_STEPS) : decay;
    Object style = options.get(TrainerOption.LR_DECAY_STYLE);
    if (warmup != null && end != null && warmup >= end && !"constant".equals(style)) {
      problems.put(
          "lr_scheduler.lr_warmup_steps",
          String.format(
              Locale.ROOT,
              "It is %d, and %s is %d: no step would be left to decay in. Lower it, or raise that.",
              warmup,
              decay == null ? "step_scheduler.max_steps" : "lr_scheduler.lr_decay_steps",
              end));
    }
    if ("wsd".equals(style) && !options.containsKey(TrainerOption.LR_WSD_DECAY_STEPS)) {
      problems.put(
          "lr_scheduler.lr_decay_style",
          "It is WSD, which needs lr_scheduler.wsd_decay_steps, the length of the last fall.");
    }
  }

  private @Nullable Integer whole(TrainerOption option) {
    return (Integer) options.get(option);
  }
}
