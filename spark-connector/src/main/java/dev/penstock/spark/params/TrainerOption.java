package dev.penstock.spark.params;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every option there is, once: its Spark Param, the recipe key that means the same, the values it
 * takes, its default, and what it does.
 */
@SuppressWarnings("ImmutableEnumChecker") // numbers, strings and a record of them
public enum TrainerOption implements StageOption {
  INPUT_COL(null, Domain.text(), "text", "Column of the text (string)."),
  MESSAGES_COL(
      null,
      Domain.text(),
      null,
      "Column of conversations, in place of inputCol: an array of structs with role, content and what"
          + " else the chat template reads, or its JSON as a string. What the assistant says counts"
          + " in the loss. Default: rows are no conversations."),
  TOOLS_COL(
      null,
      Domain.text(),
      null,
      "Column of the tools that the conversation of a row may use: an array of structs, or its JSON"
          + " as a string; null where there are none. Default: those in messagesCol's JSON, if it"
          + " is an object with messages and tools."),
  CHAT_TEMPLATE(
      "dataset.chat_template",
      Domain.text(),
      null,
      "Chat template for messagesCol: Jinja, or the path of a file on any Hadoop file system. It is"
          + " saved with the model. Default: the tokenizer's."),
  PROMPT_COL(
      null,
      Domain.text(),
      null,
      "Column of prompts (string), in place of inputCol; completionCol follows them as it is."
          + " Default: rows are no prompts and completions."),
  COMPLETION_COL(
      null,
      Domain.text(),
      null,
      "Column of what follows the prompt (string), which alone counts in the loss. Goes with"
          + " promptCol. Default: none."),
  TRAIN_ON_PROMPT(
      null, Domain.flag(), false, "Whether the tokens of promptCol count in the loss too."),
  PROMPT_ENCODING(
      null,
      Domain.oneOf("joined", "separate"),
      "joined",
      "How prompt and completion become tokens: joined, as one text, with the end-of-text token"
          + " behind it; separate, each by itself with the tokenizer's special tokens, without those"
          + " between them, and nothing behind, as NeMo AutoModel does with HellaSwag."),
  TOKENS_COL(
      null,
      Domain.text(),
      null,
      "Column of token ids (array of int), in place of inputCol: nothing is put before or behind"
          + " them. Default: rows are no tokens."),
  LABELS_COL(
      null,
      Domain.text(),
      null,
      "Column of labels for tokensCol (array of int): for each token itself, not shifted, or -100"
          + " where it does not count in the loss. Default: all count."),
  WEIGHT_COL(
      null,
      Domain.text(),
      null,
      "Column of the loss weights (numeric, at least 0): how much each token of the row counts in"
          + " the loss, which is the weighted mean, in training and in validation. Rows of weight 0"
          + " are left out. Default: all count 1."),
  HANDLE_INVALID(
      null,
      Domain.oneOf("error", "skip"),
      "error",
      "What becomes of rows whose text (or messages, prompt, completion, tokens) or weight is null:"
          + " error fails the fit, skip counts them."),
  SKIP_UNREADABLE_ROWS(
      "dataset.skip_invalid_samples",
      Domain.flag(),
      false,
      "Whether rows that cannot be read are left out and counted, in scoring with an nll of null:"
          + " JSON that is none, a conversation that the chat template refuses, a token that the model"
          + " does not have. Else they are an error."),
  SEQ_LENGTH(
      "packed_sequence.packed_sequence_size",
      Domain.intAtLeast(2),
      1024,
      "Tokens of one training sequence, and of one scoring window."),
  PACKING(
      null,
      Domain.oneOf("packed", "none"),
      "packed",
      "How rows become training sequences: packed, one behind the other, and on in the next where"
          + " one is full; none, each row a sequence, of which a batch is padded to its longest."),
  TRUNCATION(
      "dataset.truncation",
      Domain.oneOf("error", "right", "left"),
      "error",
      "What becomes of a row with more than seqLength tokens where packing is none: error fails the"
          + " fit, right cuts its end off, left its beginning; the summary counts them."),
  PAD_TO_MULTIPLE_OF(
      "dataloader.collate_fn.pad_seq_len_divisible",
      Domain.intAtLeast(1),
      1,
      "Where packing is none, the length of a batch is rounded up to a multiple of this, but not"
          + " beyond seqLength."),
  NLL_COL(
      null,
      Domain.text(),
      "nll",
      "Output column: mean negative log-likelihood of a row's tokens, in nats (double)."),
  TOKEN_COUNT_COL(
      null, Domain.text(), "numTokens", "Output column: tokens that the mean is over (int)."),

  TOKENIZER_PATH(
      null,
      Domain.text(),
      null,
      "The tokenizer.json, or the folder that holds it, on any Hadoop file system, or the name on a"
          + " hub of a model that has it. Default: the folder of modelPath."),
  EOS_TOKEN_ID(
      null,
      Domain.intAtLeast(0),
      null,
      "Token put behind each text, and each completion that is joined to its prompt. Default: the"
          + " tokenizer's eos_token, else the model's eos_token_id."),
  ADD_SPECIAL_TOKENS(
      null,
      Domain.flag(),
      true,
      "Whether the tokenizer's post-processor puts its special tokens around each text, in training"
          + " and in scoring. A text that begins or ends with such a token gets no second one."),
  MODEL_PATH(
      "model.pretrained_model_name_or_path",
      Domain.text(),
      null,
      "Hugging Face model folder whose weights the training starts from, or a folder of adapters as"
          + " peft saves it, whose training goes on; or the name of either on a hub: ORG/NAME,"
          + " hf://ORG/NAME, hf://ORG/NAME@REVISION."),
  BASE_MODEL_PATH(
      null,
      Domain.text(),
      null,
      "Hugging Face model folder, or name on a hub, of the model that the adapters in modelPath"
          + " adapt. Default: the folder that base_model_name_or_path of their adapter_config.json"
          + " names."),
  MODEL_CACHE_PATH(
      "model.cache_dir",
      Domain.text(),
      null,
      "Folder that models named by their names on a hub are fetched into, in the layout of"
          + " huggingface_hub, where later runs find them; on storage that driver and executors"
          + " share. Default: in local mode the cache of this machine (HF_HUB_CACHE); else, for a"
          + " fit, hub below stagingDir or beside outputPath."),
  MODEL_CONFIG(
      "model.config",
      Domain.text(),
      null,
      "JSON text of a Hugging Face config.json: trains that model from random weights."),
  OUTPUT_PATH(
      null,
      Domain.text(),
      null,
      "Folder that becomes the trained Hugging Face model, or that of its adapters; fits with several"
          + " ParamMaps, as a CrossValidator's, make a folder each below it. Default: a folder of its"
          + " own below stagingDir; in local mode, without stagingDir, a temporary one, which goes"
          + " with the JVM."),
  SAVE_DTYPE(
      null,
      Domain.oneOf("float32", "bfloat16", "float16"),
      "float32",
      "Element type of the saved weights."),
  MAX_SHARD_BYTES(
      null,
      Domain.longAtLeast(1),
      5_000_000_000L,
      "Bytes a file of saved weights may have, unless one weight alone has more."),
  OVERWRITE_OUTPUT(
      null,
      Domain.flag(),
      false,
      "Whether a model that lies in outputPath is replaced once the new one is complete; other files"
          + " stay. Otherwise there must be no files in the folder."),
  STAGING_DIR(
      null,
      Domain.text(),
      null,
      "Folder for the token shards of a fit, which are deleted when it ends."
          + " Default: below outputPath, or where the fit makes checkpoints beside them, for as long as"
          + " it may be resumed."),
  STAGED_DATA_PATH(
      null,
      Domain.text(),
      null,
      "Folder in which token shards are kept after the fit: another one on the same rows, with the"
          + " same tokenizer, seqLength and vocabulary, finds them there and does not tokenize again."
          + " Nothing removes them. Default: they go with the fit, or when it cannot be resumed any"
          + " more."),

  DATA_MODE(
      null,
      Domain.oneOf("staged", "stream"),
      "staged",
      "When rows become tokens: staged, all before training begins; stream, while it goes, in the"
          + " order of the frame's partitions, each of which is a shard, on task slots that the ranks"
          + " leave free, and passed over once. Without such a slot the data are staged."),
  STREAM_AHEAD(
      null,
      Domain.intAtLeast(1),
      8,
      "Shards that a stream keeps on storage beyond those that are being read."),

  PP_SIZE("distributed.pp_size", Domain.intAtLeast(1), 1, "Ranks the model is cut over."),
  DP_SIZE("distributed.dp_size", Domain.intAtLeast(1), 1, "Replicas of the whole pipeline."),
  PP_SCHEDULE(
      "distributed.pipeline.pp_schedule",
      Domain.text(),
      "1f1b",
      "Pipeline schedule by name, such as gpipe or 1f1b."),
  PP_SCHEDULE_CSV(
      "distributed.pipeline.pp_schedule_csv",
      Domain.text(),
      null,
      "Pipeline schedule as CSV of torch's compute-only form, a rank a line: the text, or the path"
          + " of a file on any Hadoop file system. Default: ppSchedule says it."),
  PP_MICROBATCH_SIZE(
      "distributed.pipeline.pp_microbatch_size",
      Domain.intAtLeast(1),
      1,
      "Sequences of one microbatch."),
  LAYERS_PER_STAGE(
      "distributed.pipeline.layers_per_stage",
      Domain.intAtLeast(1),
      null,
      "Decoder layers of one stage. Default: as many stages as the schedule wants."),
  ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE(
      "distributed.pipeline.round_virtual_stages_to_pp_multiple",
      Domain.oneOf("up", "down"),
      null,
      "How a number of stages that ppSize does not divide is rounded. Default: it is an error."),
  MODULE_NAMES_PER_STAGE(
      "distributed.pipeline.module_fqns_per_model_part",
      Domain.text(),
      null,
      "The cut itself: JSON list of each stage's list of module names, such as"
          + " [[\"model.embed_tokens\", \"model.layers.0\"], [..]]. Default: by splitStrategy."),
  SPLIT_STRATEGY(
      null,
      Domain.oneOf("cost", "layers"),
      "cost",
      "How the model is cut into stages: by cost, head and loss counted and layers cut in half where"
          + " that is faster, or evenly by layers."),
  GLOBAL_BATCH_SIZE(
      "step_scheduler.global_batch_size",
      Domain.intAtLeast(1),
      32,
      "Sequences of one optimizer step, over all replicas."),
  LOCAL_BATCH_SIZE(
      "step_scheduler.local_batch_size",
      Domain.intAtLeast(1),
      null,
      "Sequences of one pipeline step on one replica; gradients are summed over as many as make the"
          + " global batch. Default: all at once, globalBatchSize / dpSize."),
  DOCUMENT_MASK(
      null,
      Domain.flag(),
      false,
      "Whether a token attends to its own text alone where a sequence holds several; positions begin"
          + " anew with each text."),
  DROPOUT(
      null,
      Domain.fraction(),
      null,
      "Share that training drops at random, in place of every dropout that the model's config names"
          + " (attention_dropout, resid_pdrop, embd_pdrop); scoring and validation drop nothing."
          + " Default: what the model's config says."),
  RECOMPUTE(
      "distributed.activation_checkpointing",
      Domain.text(),
      "none",
      "Layers of each stage that run again in the backward pass, to save memory: none, full or the"
          + " number of layers."),
  PRECISION(
      "model.torch_dtype",
      Domain.text(),
      "float32",
      "What weights and activations are computed in, float32 or bfloat16; what the optimizer"
          + " changes, gradients, norms and the loss are float32 in any case. On CPUs attention is"
          + " too, and bfloat16 is refused where it is slower: without AMX, or AVX512_BF16 of AMD."),

  LORA_TARGET_MODULES(
      "peft.target_modules",
      Domain.texts(),
      null,
      "Trains low-rank adapters of these linear modules alone: names or ends of names such as"
          + " q_proj, patterns, or all-linear. Default: those of the adapters in modelPath; where"
          + " there are none, the whole model is trained."),
  LORA_EXCLUDE_MODULES(
      "peft.exclude_modules",
      Domain.texts(),
      null,
      "Modules that get no adapter though loraTargetModules means them. Default: none."),
  LORA_RANK("peft.dim", Domain.intAtLeast(1), null, "Rank of the adapters. Default: 8."),
  LORA_ALPHA(
      "peft.alpha",
      Domain.aboveZero(),
      null,
      "What an adapter computes is multiplied by loraAlpha / loraRank. Default: 32."),
  LORA_DROPOUT(
      "peft.dropout",
      Domain.fraction(),
      null,
      "Share of an adapter's inputs that training sets to zero. Default: 0."),
  LORA_MERGE(
      null,
      Domain.flag(),
      false,
      "Whether a whole model with the adapters added to its weights is saved, not the adapters."),

  MAX_STEPS(
      "step_scheduler.max_steps",
      Domain.intAtLeast(1),
      null,
      "Optimizer steps at most. Default: 100, or with numEpochs as many as those take."),
  NUM_EPOCHS(
      "step_scheduler.num_epochs",
      Domain.intAtLeast(1),
      null,
      "Passes over the data at most. Default: as many as maxSteps takes."),
  OPTIMIZER(
      "optimizer._target_",
      Domain.text(),
      "adamw",
      "Optimizer: adamw, adam or sgd, or torch's name such as torch.optim.AdamW."),
  LEARNING_RATE("optimizer.lr", Domain.aboveZero(), 1e-4, "Peak learning rate."),
  WEIGHT_DECAY(
      "optimizer.weight_decay",
      Domain.atLeastZero(),
      0.01,
      "Weight decay; adamw applies it apart from the gradient."),
  NO_DECAY_PATTERNS(
      null,
      Domain.texts(),
      null,
      "Regular expressions; a parameter in whose name one is found is not decayed, such as norm or"
          + " \\.bias$. Default: all are decayed."),
  START_WEIGHT_DECAY(
      "lr_scheduler.start_wd",
      Domain.atLeastZero(),
      null,
      "Weight decay of the first step. Default: weightDecay."),
  END_WEIGHT_DECAY(
      "lr_scheduler.end_wd",
      Domain.atLeastZero(),
      null,
      "Weight decay that wdIncrStyle linear or cosine reaches. Default: weightDecay."),
  WD_INCR_STEPS(
      "lr_scheduler.wd_incr_steps",
      Domain.intAtLeast(1),
      null,
      "Steps in which the weight decay grows. Default: all."),
  WD_INCR_STYLE(
      "lr_scheduler.wd_incr_style",
      Domain.oneOf("constant", "linear", "cosine"),
      "constant",
      "How the weight decay grows over the steps."),
  MOMENTUM(
      "optimizer.momentum",
      Domain.fraction(),
      0.0,
      "SGD: share of the update before that is kept."),
  SHARD_OPTIMIZER_STATE(
      null,
      Domain.flag(),
      false,
      "Whether each replica keeps the optimizer's moments of 1 / dpSize of the weights alone"
          + " (ZeRO stage 1)."),
  BETA1("optimizer.betas", Domain.fraction(), 0.9, "Adam, AdamW: decay of the first moment."),
  BETA2("optimizer.betas", Domain.fraction(), 0.999, "Adam, AdamW: decay of the second moment."),
  EPSILON("optimizer.eps", Domain.aboveZero(), 1e-8, "Adam, AdamW: added to the root."),
  MAX_GRAD_NORM(
      "clip_grad_norm.max_norm",
      Domain.atLeastZero(),
      1.0,
      "Gradients are scaled down to this norm over all ranks; 0 turns clipping off."),
  GRAD_NORM_TYPE(
      "clip_grad_norm.norm_type",
      Domain.aboveZeroOrInfinite(),
      2.0,
      "Order of the norm that maxGradNorm bounds; infinity: the largest element."),
  LR_DECAY_STYLE(
      "lr_scheduler.lr_decay_style",
      Domain.text(),
      "cosine",
      "What follows the warm-up: constant, linear, cosine, inverse-square-root or wsd."),
  LR_WARMUP_STEPS(
      "lr_scheduler.lr_warmup_steps",
      Domain.intAtLeast(0),
      null,
      "Steps of linear growth to the peak. Default: a tenth of all, at most 1000."),
  LR_DECAY_STEPS(
      "lr_scheduler.lr_decay_steps",
      Domain.intAtLeast(1),
      null,
      "Step at which the decay ends. Default: the last."),
  LR_WSD_DECAY_STEPS(
      "lr_scheduler.wsd_decay_steps",
      Domain.intAtLeast(1),
      null,
      "Steps of the final decay of lrDecayStyle wsd, which needs it."),
  LR_WSD_DECAY_STYLE(
      "lr_scheduler.lr_wsd_decay_style",
      Domain.text(),
      "linear",
      "Shape of the final decay of lrDecayStyle wsd: linear, cosine, exponential or minus_sqrt."),
  INIT_LEARNING_RATE(
      "lr_scheduler.init_lr",
      Domain.atLeastZero(),
      null,
      "Learning rate the warm-up starts from. Default: a tenth of learningRate."),
  MIN_LEARNING_RATE(
      "lr_scheduler.min_lr",
      Domain.atLeastZero(),
      null,
      "Learning rate the decay ends at. Default: a hundredth of learningRate."),

  VALIDATION_INDICATOR_COL(
      null,
      Domain.text(),
      null,
      "Column that is true on rows to validate on, which are never trained on (boolean; null means"
          + " false). Default: no validation."),
  VALIDATION_INTERVAL(
      "step_scheduler.val_every_steps",
      Domain.intAtLeast(0),
      0,
      "Steps from one validation to the next; 0: at the end only."),
  EARLY_STOPPING_PATIENCE(
      null,
      Domain.intAtLeast(0),
      0,
      "The fit ends when so many validations in a row found no lower loss; 0: never."),
  RESTORE_BEST_MODEL(
      null,
      Domain.flag(),
      false,
      "Whether the weights of the validation with the lowest loss are saved, not the last ones."),

  CHECKPOINT_PATH(
      "checkpoint.checkpoint_dir",
      Domain.text(),
      null,
      "Folder of the run's checkpoints, from which a fit goes on that did not come to its end."
          + " Default: checkpoints/NAME beside the model folder NAME, removed once the model is"
          + " there; without outputPath, none are made."),
  CHECKPOINT_INTERVAL(
      "step_scheduler.ckpt_every_steps",
      Domain.intAtLeast(1),
      null,
      "Steps from one checkpoint to the next; the last step makes one too. Default: by"
          + " checkpointSeconds alone."),
  CHECKPOINT_SECONDS(
      null,
      Domain.intAtLeast(0),
      600,
      "A checkpoint is made at the latest so many seconds after the one before; 0: by"
          + " checkpointInterval alone."),
  CHECKPOINTS_TO_KEEP(
      "checkpoint.max_recent_checkpoints",
      Domain.intAtLeast(1),
      2,
      "Checkpoints that stay, the newest; older ones go when a newer one is complete."),
  KEEP_BEST_CHECKPOINT(
      null,
      Domain.flag(),
      false,
      "Whether the checkpoint with the lowest validation loss stays too."),
  RESUME(
      "checkpoint.restore_from",
      Domain.text(),
      "auto",
      "What a fit goes on from: auto, the newest whole checkpoint in checkpointPath if there is one;"
          + " never; or the path of a folder of checkpoints, or of one of them."),
  MAX_ATTEMPTS(
      null,
      Domain.intAtLeast(1),
      3,
      "How often a fit begins at most: where an executor is lost, ranks lose each other or a step"
          + " hangs, it goes on from its last checkpoint, once there are task slots again. Attempts"
          + " that end with a checkpoint since an executor is decommissioned do not count."),
  MIN_DP_SIZE(
      null,
      Domain.intAtLeast(1),
      null,
      "Replicas with which an attempt begins at least where there are too few task slots for dpSize"
          + " after resourceTimeout; once there are more, it goes on with more. Global batch and"
          + " losses stay. Default: dpSize."),

  SEED(
      "seed",
      Domain.anyLong(),
      42L,
      "Seed of the random initial weights and of the order of the data."),
  DEVICE(
      null,
      Domain.oneOf("auto", "cpu", "cuda"),
      "auto",
      "Where a rank computes; auto is cuda where Spark gave the task a GPU, else cpu."),
  RANK_CPUS(
      null,
      Domain.intAtLeast(1),
      null,
      "Cores of the executor that one rank takes, by a resource profile of its own; in local mode,"
          + " where there are none, only what spark.task.cpus says. Default: spark.task.cpus."),
  RANK_GPUS(
      null,
      Domain.intAtLeast(0),
      null,
      "GPUs that one rank takes, in the same way; it computes on the first of them. Default:"
          + " spark.task.resource.gpu.amount."),
  RANK_MEMORY_OVERHEAD(
      null,
      Domain.text(),
      null,
      "Memory that one rank takes beside the Java heap, as Spark writes it (6g; MiB without a unit)."
          + " No barrier stage can have executors of its own, so nothing is granted by this: the fit"
          + " is refused where spark.executor.memoryOverhead or the host cannot hold it. Default: what"
          + " is estimated."),
  THREADS_PER_RANK(
      null,
      Domain.intAtLeast(1),
      null,
      "CPU threads of one rank or scoring task. Default: the cores that Spark gives the task."),
  STEP_TIMEOUT(
      "dist_env.timeout_minutes",
      Domain.intAtLeast(1),
      1800,
      "Seconds in which a rank must get on with a microbatch, in training or validation, or the run"
          + " is aborted; the start counts as one, and so does saving."),
  RENDEZVOUS_TIMEOUT(
      null, Domain.intAtLeast(1), 300, "Seconds the ranks wait for each other at the start."),
  HEARTBEAT_TIMEOUT(
      null,
      Domain.intAtLeast(1),
      30,
      "Seconds after which a rank of another executor of which nothing is heard is given up: its"
          + " process is frozen, or cut off."),
  RANK_INTERFACE(
      null,
      Domain.text(),
      null,
      "Network interface of the executors, by name or address, at which ranks listen. Default: that"
          + " of the name by which Spark knows the executor."),
  RANK_PORTS(
      null,
      Domain.text(),
      null,
      "Ports at which ranks listen while they connect, such as 40000-40100. Default: any that is"
          + " free."),
  ALLOW_UNENCRYPTED_RANKS(
      null,
      Domain.flag(),
      false,
      "Whether ranks may exchange data in clear text though Spark is told to encrypt"
          + " (spark.network.crypto.enabled, spark.ssl.rpc.enabled): ranks on CPUs encrypt otherwise,"
          + " and those on GPUs, which cannot, are refused."),
  MEMORY_CHECK(
      null,
      Domain.oneOf("error", "warn"),
      "error",
      "What is done where ranks are expected to take more memory than an executor may on YARN or"
          + " Kubernetes, than its host has, or than their GPUs have: error refuses the fit if it"
          + " cannot be enough, warn only logs it."),
  RESOURCE_TIMEOUT(
      null,
      Domain.intAtLeast(0),
      300,
      "Seconds to wait for executors with enough task slots, and again, once the texts are ingested,"
          + " until so many of the slots are free at one moment. Fits of one application that want"
          + " more slots than there are take turns, for which there is no limit."),
  PROGRESS_INTERVAL(
      "step_scheduler.log_remote_every_steps",
      Domain.intAtLeast(1),
      10,
      "Steps between two progress lines."),
  TIMELINE_STEPS(
      null,
      Domain.intAtLeast(0),
      0,
      "The last steps of which each action is timed, for the files in outputPath/timeline."),

  TENSORBOARD_PATH(
      null,
      Domain.text(),
      null,
      "Folder of TensorBoard's event files, on any Hadoop file system; each run gets a folder of its"
          + " own below it. Default: none are written."),
  MLFLOW_TRACKING_URI(
      "mlflow.tracking_uri",
      Domain.text(),
      null,
      "MLflow server that gets Params and metrics: http://HOST:PORT, or databricks. Credentials are"
          + " taken from the driver's environment, as MLflow's own clients do. Default: none gets"
          + " them."),
  MLFLOW_EXPERIMENT_NAME(
      "mlflow.experiment_name",
      Domain.text(),
      "penstock",
      "Experiment of the run in MLflow, which is made if there is none."),
  MLFLOW_RUN_NAME(
      "mlflow.run_name",
      Domain.text(),
      null,
      "Name of the run in MLflow. Default: that of the fit."),
  MLFLOW_TAGS(
      "mlflow.tags",
      Domain.texts(),
      null,
      "Tags of the run in MLflow, each name=value. Default: none."),
  MLFLOW_LOG_MODEL(
      null,
      Domain.flag(),
      false,
      "Whether the files of the trained model become artifacts of the run in MLflow, as a model that"
          + " mlflow.transformers loads."),
  LIVE_PAGE(
      null,
      Domain.flag(),
      true,
      "Whether the driver serves a page of the run while it trains. The first progress line says"
          + " where."),
  LIVE_PAGE_HOST(
      null,
      Domain.text(),
      "127.0.0.1",
      "Address at which the page is served. At another one than the loopback interface the page's URL"
          + " has a secret in it."),
  LIVE_PAGE_PORT(
      null,
      new Domain(Integer.class, 0, true, 65_536, false, List.of()),
      0,
      "Port of the page, up to 65535; 0: any that is free.");

  private final String paramName;
  private final String recipeKey;
  private final Domain domain;
  private final @Nullable Object defaultValue;
  private final String meaning;

  /**
   * @param recipeKey NeMo AutoModel's key of the same meaning; null: it has none, so the key is
   *     ours
   */
  TrainerOption(
      @Nullable String recipeKey, Domain domain, @Nullable Object defaultValue, String meaning) {
    this.paramName = ParamText.name(name());
    this.recipeKey = recipeKey == null ? "penstock." + name().toLowerCase(Locale.ROOT) : recipeKey;
    this.domain = domain;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
  }

  /** Name of the Spark Param: that of the constant, with a hump for each word. */
  @Override
  public String paramName() {
    return paramName;
  }

  /** The key of a recipe that sets it; {@code --KEY VALUE} on the command line. */
  public String recipeKey() {
    return recipeKey;
  }

  /** What it does, its unit, and what happens where it is not set. */
  public String meaning() {
    return meaning;
  }

  /** The boxed Java type of its values. */
  public Class<?> type() {
    return domain.type();
  }

  /** Whether it may have this value, of its type. */
  public boolean allows(Object value) {
    return domain.contains(value);
  }

  /** The values allowed, in words; empty where the type says all. */
  public String allowed() {
    return domain.describe();
  }

  @Override
  public Domain domain() {
    return domain;
  }

  /** The value where none is set, or null: then the option is off or follows from others. */
  @Override
  public @Nullable Object defaultValue() {
    return defaultValue;
  }

  /** The Param's documentation: meaning, allowed values, default, recipe key. */
  @Override
  public String doc() {
    return ParamText.doc(meaning, domain, defaultValue, recipeKey);
  }
}
