"""Writes a Llama of a shape and its rows, so that two programs can be measured on the same numbers.

Needs torch and transformers: python bench/export_shape.py FOLDER --hidden 256 --layers 4 ...
FOLDER then holds the model (config.json, model.safetensors), ids.pt, int64
[steps, n_mb * mb, seq], for --ids of both.
"""
import argparse
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
for name, default in dict(hidden=256, layers=4, seq=256, mb=1, n_mb=8, vocab=8192, steps=8).items():
    parser.add_argument("--" + name.replace("_", "-"), type=int, default=default)
shape = parser.parse_args()

torch.manual_seed(0)
heads = shape.hidden // 64
model = LlamaForCausalLM(LlamaConfig(
    hidden_size=shape.hidden, num_hidden_layers=shape.layers, num_attention_heads=heads,
    num_key_value_heads=max(1, heads // 2), intermediate_size=shape.hidden * 11 // 4,
    vocab_size=shape.vocab, max_position_embeddings=shape.seq, tie_word_embeddings=False))
model.save_pretrained(shape.folder)
ids = torch.randint(0, shape.vocab, (shape.steps, shape.n_mb * shape.mb, shape.seq),
                    generator=torch.Generator().manual_seed(1))
torch.save(ids, shape.folder / "ids.pt")
