package dev.penstock.spark.params;

import org.jspecify.annotations.Nullable;

/** Every option of the generator of texts, once. */
@SuppressWarnings("ImmutableEnumChecker") // numbers, strings and a record of them
public enum GeneratorOption implements StageOption {
  MODEL_PATH(
      Domain.text(),
      null,
      "Hugging Face model folder, or a folder of adapters as peft saves it, on any Hadoop file"
          + " system; or the name of either on a hub: ORG/NAME, hf://ORG/NAME,"
          + " hf://ORG/NAME@REVISION."),
  BASE_MODEL_PATH(
      Domain.text(),
      null,
      "Hugging Face model folder, or name on a hub, of the model that the adapters in modelPath"
          + " adapt. Default: the folder that base_model_name_or_path of their adapter_config.json"
          + " names."),
  MODEL_CACHE_PATH(
      Domain.text(),
      null,
      "Folder that models named by their names on a hub are fetched into, in the layout of"
          + " huggingface_hub; on storage that driver and executors share. Default: in local mode the"
          + " cache of this machine (HF_HUB_CACHE)."),
  INPUT_COL(
      Domain.text(), "text", "Column of the prompts (string); a null one is continued by null."),
  OUTPUT_COL(Domain.text(), "generated", "Output column: what follows the prompt (string)."),
  MAX_NEW_TOKENS(
      Domain.intAtLeast(1),
      null,
      "Tokens to add at most. Default: what the model's generation_config.json says, else "
          + "20."),
  DO_SAMPLE(
      Domain.flag(),
      null,
      "Whether tokens are drawn; else each is the likeliest. Default: what "
          + "generation_config.json says, else they are not."),
  TEMPERATURE(
      Domain.aboveZero(),
      null,
      "How freely tokens are drawn. Default: what " + "generation_config.json says, else 1."),
  TOP_K(
      Domain.intAtLeast(0),
      null,
      "Tokens are drawn among so many likeliest; 0: among all. Default: what "
          + "generation_config.json says, else 50."),
  TOP_P(
      Domain.probability(),
      null,
      "Tokens are drawn among the likeliest that together reach this probability, at most "
          + "1. Default: what generation_config.json says, else 1."),
  REPETITION_PENALTY(
      Domain.aboveZero(),
      null,
      "Above 1: tokens that prompt or text already have become less likely. Default: what "
          + "generation_config.json says, else 1."),
  SEED(
      Domain.anyLong(),
      42L,
      "Seed of the drawing: with the prompt it says what is drawn, wherever the row lies."),
  ADD_SPECIAL_TOKENS(
      Domain.flag(),
      true,
      "Whether the tokenizer's post-processor puts its special tokens before each prompt."),
  DEVICE(
      Domain.oneOf("auto", "cpu", "cuda"),
      "auto",
      "Where it is computed; auto is cuda where Spark gave the task a GPU, else cpu."),
  THREADS_PER_RANK(
      Domain.intAtLeast(1), null, "CPU threads of the model of an executor. Default: its cores.");

  private final String paramName;
  private final Domain domain;
  private final @Nullable Object defaultValue;
  private final String meaning;

  GeneratorOption(Domain domain, @Nullable Object defaultValue, String meaning) {
    this.paramName = ParamText.name(name());
    this.domain = domain;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
  }

  @Override
  public String paramName() {
    return paramName;
  }

  @Override
  public Domain domain() {
    return domain;
  }

  @Override
  public @Nullable Object defaultValue() {
    return defaultValue;
  }

  @Override
  public String doc() {
    return ParamText.doc(meaning, domain, defaultValue, null);
  }
}
