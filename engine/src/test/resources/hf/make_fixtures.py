"""Makes the small random models beside this file and records their references.

    python make_fixtures.py FOLDER

With transformers 5 it makes those of current(), with transformers 4 those of old() (whose configs are
then given the spellings of earlier releases); docs/export_reference.py records the numbers.
"""
import json, os, sys, torch, transformers as tf

SIZES = dict(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=4,
             num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
             pad_token_id=0, bos_token_id=1, eos_token_id=2, use_cache=False)


def sizes(**changes):
    return {**SIZES, **changes}


def make(name, config, seed, scale=0.04, dtype=torch.float32, change=None, **save):
    folder = os.path.join(sys.argv[1], name)
    torch.manual_seed(seed)
    model = tf.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():  # a fresh model has norms of 1 and biases of 0, which would hide mistakes
        for parameter_name, p in model.named_parameters():
            if p.dim() > 1:
                p.normal_(0, scale)
            elif parameter_name.endswith("bias"):
                p.normal_(0, 0.1)
            else:
                p.add_(torch.randn_like(p) * 0.1)
    model.to(dtype).save_pretrained(folder, **save)
    os.remove(os.path.join(folder, "generation_config.json"))
    if change:
        path = os.path.join(folder, "config.json")
        with open(path) as file:
            config = json.load(file)
        config["torch_dtype"] = "float32"
        change(config)
        with open(path, "w") as file:
            json.dump(config, file, indent=2)


def current():
    make("llama-linear-biases", tf.LlamaConfig(
        **sizes(num_key_value_heads=1), head_dim=16, attention_bias=True, mlp_bias=True, hidden_act="gelu",
        rope_parameters=dict(rope_type="linear", factor=2.0, rope_theta=20000.0)), 1)
    make("llama-dynamic", tf.LlamaConfig(
        **sizes(max_position_embeddings=32), tie_word_embeddings=True,
        rope_parameters=dict(rope_type="dynamic", factor=2.0, rope_theta=10000.0)), 2)
    make("llama-yarn", tf.LlamaConfig(
        **SIZES, head_dim=16, rope_parameters=dict(
            rope_type="yarn", factor=8.0, original_max_position_embeddings=16, rope_theta=10000.0, beta_fast=16.0)), 3)
    make("smollm3-window", tf.SmolLM3Config(
        **SIZES, use_sliding_window=True, sliding_window=12, no_rope_layer_interval=2, attention_bias=True), 4)
    make("granite", tf.GraniteConfig(
        **SIZES, attention_multiplier=0.2, embedding_multiplier=12.0, residual_multiplier=0.22, logits_scaling=8.0,
        mlp_bias=True, tie_word_embeddings=True), 5)
    make("mixtral", tf.MixtralConfig(**SIZES, num_local_experts=4, num_experts_per_tok=2, sliding_window=20), 6)
    make("qwen3-moe", tf.Qwen3MoeConfig(
        **SIZES, num_experts=6, num_experts_per_tok=3, moe_intermediate_size=16, norm_topk_prob=True,
        mlp_only_layers=[1], head_dim=16), 7)
    make("qwen3-moe-fused", tf.Qwen3MoeConfig(
        **SIZES, num_experts=5, num_experts_per_tok=2, moe_intermediate_size=24, norm_topk_prob=False,
        decoder_sparse_step=2, attention_bias=True), 8, save_original_format=False)
    make("phi3-longrope", tf.Phi3Config(
        **sizes(num_key_value_heads=4), original_max_position_embeddings=32, sliding_window=24,
        rope_parameters=dict(rope_type="longrope", rope_theta=10000.0, partial_rotary_factor=0.5,
                             short_factor=[1.0, 1.5], long_factor=[1.2, 3.0])), 9)
    make("qwen2-window", tf.Qwen2Config(
        **sizes(pad_token_id=5), use_sliding_window=True, sliding_window=10, max_window_layers=2,
        tie_word_embeddings=True), 10)  # with a padding token that occurs
    make("gemma2-softcap", tf.Gemma2Config(
        **SIZES, head_dim=12, query_pre_attn_scalar=20, sliding_window=7, attn_logit_softcapping=0.5,
        final_logit_softcapping=1.5), 12, scale=0.1)  # caps that cap
    make("llama-sharded-bf16", tf.LlamaConfig(**SIZES), 11, dtype=torch.bfloat16, max_shard_size="20KB")


def old():
    def by_type(config):
        config["rope_scaling"]["type"] = config["rope_scaling"].pop("rope_type")

    make("llama-yarn-v4", tf.LlamaConfig(
        **sizes(max_position_embeddings=64), rope_theta=5000.0,
        rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)), 21, change=by_type)
    make("gemma3-v4", tf.Gemma3TextConfig(
        **SIZES, head_dim=8, sliding_window=9, sliding_window_pattern=3, rope_theta=50000.0,
        rope_local_base_freq=5000.0, query_pre_attn_scalar=12, rope_scaling=dict(rope_type="linear", factor=4.0)),
        22, change=lambda config: config.pop("layer_types"))
    # Its reference is recorded by transformers 5, which takes gelu for the approximation.
    make("gemma-gelu", tf.GemmaConfig(**SIZES, head_dim=16, hidden_act="gelu"), 23, change=lambda config: None)
    make("mixtral-v4", tf.MixtralConfig(**SIZES, num_local_experts=3, num_experts_per_tok=2), 24, change=lambda config: None)


if tf.__version__.startswith("4."):
    old()
else:
    current()
