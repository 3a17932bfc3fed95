"""A model that trains in seconds, and text for it."""

import os
from pathlib import Path

DATA = Path(os.environ["PENSTOCK_DATA"])
CONFIG = """
{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
 "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
 "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 4096, "max_position_embeddings": 64,
 "rms_norm_eps": 1e-6, "initializer_range": 0.02, "rope_theta": 10000.0,
 "tie_word_embeddings": false, "torch_dtype": "float32", "bos_token_id": 1, "eos_token_id": 2}
"""
STEPS = 4


def params(**others):
    """Keywords of a small trainer."""
    return {
        "tokenizerPath": str(DATA),
        "modelConfig": CONFIG,
        "seqLength": 32,
        "globalBatchSize": 4,
        "maxSteps": STEPS,
        "learningRate": 1e-2,
        "seed": 7,
        "progressInterval": 1,
        "livePage": False,
        **others,
    }


def verses(spark, rows=60):
    """A frame with a column text."""
    frame = spark.read.option("header", True).option("sep", "\t").csv(str(DATA / "kjv.tsv.gz"))
    return frame.select("text").limit(rows)
