package dev.penstock.engine.model.family;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keys of a {@code config.json} that change nothing about what any model computes: what
 * transformers 4 and 5 write beside the model's own, and the notes of tools. What a family does not
 * read and what is not here would be mathematics that nobody has implemented.
 */
final class KnownKeys {
  /** What transformers writes for every model. */
  private static final String COMMON =
      "architectures model_type transformers_version torch_dtype dtype auto_map name_or_path"
          + " tokenizer_class processor_class prefix problem_type finetuning_task task_specific_params"
          + " id2label label2id num_labels return_dict use_return_dict output_attentions"
          + " output_hidden_states torchscript use_bfloat16 tf_legacy_loss tie_encoder_decoder"
          + " chunk_size_feed_forward is_decoder cross_attention_hidden_size pretraining_tp use_cache"
          + " attn_implementation attribute_map keys_to_ignore_at_inference is_composition"
          + " base_model_tp_plan base_model_pp_plan gradient_checkpointing"
          + " gradient_checkpointing_kwargs use_reentrant initializer_factor init_std init_method"
          + " init_device";

  /** Options of generate, which configs held before there was a generation_config.json. */
  private static final String GENERATION =
      "max_length min_length max_new_tokens min_new_tokens max_time do_sample early_stopping num_beams"
          + " num_beam_groups diversity_penalty temperature top_k top_p min_p typical_p"
          + " epsilon_cutoff eta_cutoff penalty_alpha repetition_penalty length_penalty"
          + " encoder_repetition_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size"
          + " bad_words_ids force_words_ids renormalize_logits constraints forced_bos_token_id"
          + " forced_eos_token_id forced_decoder_ids remove_invalid_values"
          + " exponential_decay_length_penalty suppress_tokens begin_suppress_tokens sequence_bias"
          + " guidance_scale low_memory num_return_sequences output_scores output_logits"
          + " return_dict_in_generate cache_implementation cache_config stop_strings"
          + " prompt_lookup_num_tokens num_assistant_tokens generation_config chat_template"
          + " return_legacy_cache token_healing watermarking_config";

  /** How long texts may be, which way round they are filled up: the tokenizer's business. */
  private static final String TOKENS =
      "model_max_length max_sequence_length max_seq_length max_seq_len seq_length seq_len n_positions"
          + " n_ctx max_tokens max_context_length context_length padding_side truncation_side padding"
          + " pad_token bos_token eos_token unk_token add_bos_token add_eos_token vocab_type"
          + " special_tokens_map additional_special_tokens orig_vocab_size padded_vocab_size"
          + " original_vocab_size unpadded_vocab_size pad_vocab_size_multiple";

  /** Which kernel computes it. */
  private static final String KERNELS =
      "use_flash_attn use_flash_attention use_flash_attention_2 use_flash_attn_2 flash_attn"
          + " flash_attention flash_attn_2_enabled use_sdpa use_eager_attention use_xformers"
          + " use_memory_efficient_attention use_triton use_liger_kernel use_kernels"
          + " bf16 fp16 fp32"
          + " softmax_in_fp32 attention_softmax_in_fp32 is_llama_config compile"
          + " torch_compile device device_map low_cpu_mem_usage";

  /** More tokens at once, predicted by layers that are not part of the model proper. */
  private static final String PREDICTION =
      "num_nextn_predict_layers num_mtp_layers num_mtp_modules num_medusa_heads num_draft_layers"
          + " router_aux_loss_coef aux_loss_coef router_z_loss_coef";

  /** Notes of people and tools. */
  private static final String NOTES =
      "name title author authors description license language languages tags datasets dataset"
          + " base_model base_models finetuned_from model_name model_id model_card url repo"
          + " repo_id revision commit git_sha date version notes comment comments seed step steps"
          + " global_step epoch epochs train_loss eval_loss loss ollama transformers.js_config"
          + " unsloth_fixed merge_method mergekit library_name pipeline_tag quantized_by"
          + " training_args trainer_config peft_config lora_config hub_model_id";

  private static final Set<String> KEYS =
      Stream.of(COMMON, GENERATION, TOKENS, KERNELS, PREDICTION, NOTES)
          .flatMap(keys -> List.of(keys.split(" ")).stream())
          .collect(Collectors.toUnmodifiableSet());

  /** Whole groups of keys, by how they begin or end. */
  private static final Pattern GROUPS =
      Pattern.compile(
          "_.*|(unsloth|wandb|mlx|axolotl|mtp|trl|llamafactory|mergekit|ggml|gguf|onnx|openvino|neuron"
              + "|transformers[._-]?js|transformersjs)[._].*"
              + "|.*_(token_ids?|tokens?_(id|ids|index)|token_index|version|path|url|date|hash|author"
              + "|license|dir|uri|notes?|comment|timestamp)"
              + "|(model|base|run|project|experiment|dataset|tokenizer|processor|checkpoint|class|hub)_.*name");

  private KnownKeys() {}

  static boolean changesNothing(String key) {
    return KEYS.contains(key) || GROUPS.matcher(key).matches();
  }
}
