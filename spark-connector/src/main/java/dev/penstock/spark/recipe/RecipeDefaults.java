package dev.penstock.spark.recipe;

import dev.penstock.engine.config.Precision;
import dev.penstock.spark.params.TrainerOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a recipe means by leaving a key out, where that is not the option's own default, and options
 * that several keys say together.
 *
 * @param values all values by key
 * @param options what they say of options; what is missing is put in
 */
record RecipeDefaults(Map<String, @Nullable Object> values, Map<TrainerOption, Object> options) {
  private static final String MLFLOW_TAGS = "mlflow.tags.";
  private static final int NUM_EPOCHS = 10;
  private static final int CHECKPOINT_EVERY_STEPS = 100;
  private static final double TORCH_LEARNING_RATE = 1e-3;

  /** Unlike {@link dev.penstock.engine.config.LoraConfig#ALL_LINEAR} it takes an own head too. */
  private static final String ALL_LINEAR = "*";

  /** Ends of the names of loaders whose rows are examples, in small letters. */
  private static final List<String> LOADERS =
      List.of(
          "make_squad_dataset",
          "squad.squad",
          "hellaswag",
          "chatdataset",
          "columnmappedtextinstructiondataset",
          "columnmappedtextinstructioniterabledataset",
          "mockiterabledataset");

  void apply() {
    precision();
    sequences();
    packing();
    batches();
    if (!values.containsKey("step_scheduler.num_epochs")) {
      boolean once = "stream".equals(options.get(TrainerOption.DATA_MODE));
      options.putIfAbsent(TrainerOption.NUM_EPOCHS, once ? 1 : NUM_EPOCHS);
    }
    optimizer();
    if (!isThere("lr_scheduler")) {
      options.putIfAbsent(TrainerOption.LR_DECAY_STYLE, "constant");
      options.putIfAbsent(TrainerOption.LR_WARMUP_STEPS, 0);
    }
    checkpoints();
    adapters();
    tags();
  }

  /** The type of computing wins over that of the weights in memory, which are float32 here. */
  private void precision() {
    Object computing = values.get("distributed.mp_policy.param_dtype");
    if (computing != null && !options.containsKey(TrainerOption.PRECISION)) {
      options.put(TrainerOption.PRECISION, Precision.parse(ValueSet.word(computing)).toString());
    }
  }

  private void sequences() {
    if (!options.containsKey(TrainerOption.SEQ_LENGTH)) {
      Stream.of("dataset.seq_length", "dataset.seq_len", "distributed.pipeline.pp_seq_len")
          .map(values::get)
          .filter(value -> value instanceof Integer length && length >= 2)
          .findFirst()
          .ifPresent(length -> options.put(TrainerOption.SEQ_LENGTH, length));
    }
  }

  /** Rows of a loader are packed only where the recipe gives packed sequences a length. */
  private void packing() {
    if (loads() && !isPacked()) {
      options.putIfAbsent(TrainerOption.PACKING, "none");
    }
  }

  private boolean loads() {
    String target = ValueSet.word(values.get("dataset._target_"));
    return LOADERS.stream().anyMatch(target::endsWith);
  }

  private boolean isPacked() {
    return values.get("packed_sequence.packed_sequence_size") instanceof Integer size && size > 0;
  }

  /** Without a pipeline, the local batch goes through the model at once. */
  private void batches() {
    Object local = options.get(TrainerOption.LOCAL_BATCH_SIZE);
    Object ranks = options.get(TrainerOption.PP_SIZE);
    if (local != null && (ranks == null || ranks.equals(1))) {
      options.put(TrainerOption.PP_MICROBATCH_SIZE, local);
    }
  }

  /** The defaults of torch's classes. */
  private void optimizer() {
    Object kind = options.get(TrainerOption.OPTIMIZER);
    if (kind == null) {
      return;
    }
    options.putIfAbsent(TrainerOption.LEARNING_RATE, TORCH_LEARNING_RATE);
    if (!kind.equals("adamw")) {
      options.putIfAbsent(TrainerOption.WEIGHT_DECAY, 0.0);
    }
    if (Boolean.FALSE.equals(values.get("optimizer.adam_w_mode"))) {
      options.put(TrainerOption.OPTIMIZER, "adam");
    }
  }

  private void checkpoints() {
    boolean measured =
        Stream.of("recipe", "recipe._target_")
            .anyMatch(key -> ValueSet.word(values.get(key)).contains("benchmarking"));
    if (measured || Boolean.FALSE.equals(values.get("checkpoint.enabled"))) {
      options.putIfAbsent(TrainerOption.CHECKPOINT_SECONDS, 0);
      options.putIfAbsent(TrainerOption.RESUME, "never");
      return;
    }
    options.putIfAbsent(TrainerOption.CHECKPOINT_PATH, "checkpoints/");
    if (!values.containsKey("step_scheduler.ckpt_every_steps")) {
      options.putIfAbsent(TrainerOption.CHECKPOINT_INTERVAL, CHECKPOINT_EVERY_STEPS);
    }
  }

  private void adapters() {
    if (!isThere("peft") || options.containsKey(TrainerOption.LORA_TARGET_MODULES)) {
      return;
    }
    boolean all =
        Boolean.TRUE.equals(values.get("peft.match_all_linear"))
            || options.containsKey(TrainerOption.LORA_EXCLUDE_MODULES);
    options.put(
        TrainerOption.LORA_TARGET_MODULES,
        List.of(all ? ALL_LINEAR : "*_proj").toArray(String[]::new));
  }

  /** Tags by name, and the description, which is the tag that MLflow's page shows as such. */
  private void tags() {
    List<String> tags = new ArrayList<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(MLFLOW_TAGS) && value != null) {
            tags.add(key.substring(MLFLOW_TAGS.length()) + "=" + value);
          }
        });
    Object description = values.get("mlflow.description");
    if (description != null) {
      tags.add("mlflow.note.content=" + description);
    }
    if (!tags.isEmpty()) {
      Collections.sort(tags);
      options.putIfAbsent(TrainerOption.MLFLOW_TAGS, tags.toArray(String[]::new));
    }
  }

  private boolean isThere(String section) {
    return values.keySet().stream().anyMatch(key -> key.startsWith(section + "."));
  }
}
