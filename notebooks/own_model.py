# Databricks notebook source
# MAGIC %md
# MAGIC # Bring your own model
# MAGIC A model is a `config.json` of one of the supported families, or a folder with weights. Nothing about pipelines is in either: the cut is worked out, or said by you.

# COMMAND ----------

import json
import os
import tempfile

import penstock_spark
from penstock_spark import CausalLMModel, CausalLMTrainer

spark = penstock_spark.session(2)
data = os.environ.get("PENSTOCK_DATA", os.path.abspath("../examples/data/quickstart"))
verses = spark.read.csv(data + "/kjv.tsv.gz", sep="\t", header=True).limit(1000).cache()
folder = tempfile.mkdtemp()

# COMMAND ----------

# MAGIC %md
# MAGIC ## From a configuration
# MAGIC A Qwen 3 with six thin layers, tied embeddings and norms on queries and keys. The vocabulary is that of the tokenizer.

# COMMAND ----------

config = {
    "model_type": "qwen3", "hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 6,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 12, "vocab_size": 4096,
    "max_position_embeddings": 128, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_act": "silu",
    "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": 2}
common = dict(
    tokenizerPath=data, seqLength=64, globalBatchSize=8, ppMicrobatchSize=2, ppSize=2, learningRate=5e-3,
    progressInterval=20, livePage=False)
model = CausalLMTrainer(
    modelConfig=json.dumps(config), maxSteps=40, outputPath=folder + "/own", **common).fit(verses)
print(model.summary.stageTable)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The cut, by hand
# MAGIC Stages are cut by cost. Who knows better names the modules of each.

# COMMAND ----------

cut = [
    ["model.embed_tokens"] + [f"model.layers.{i}" for i in range(2)],
    [f"model.layers.{i}" for i in range(2, 6)] + ["model.norm", "lm_head"]]
by_hand = CausalLMTrainer(
    modelConfig=json.dumps(config), maxSteps=5, moduleNamesPerStage=json.dumps(cut), **common).fit(verses)
print(by_hand.summary.stageTable)

# COMMAND ----------

# MAGIC %md
# MAGIC ## From weights
# MAGIC The folder that came out is a Hugging Face folder like any other: to train on, to score with, or to open with transformers.

# COMMAND ----------

more = CausalLMTrainer(
    modelPath=folder + "/own", maxSteps=20, outputPath=folder + "/more", **common).fit(verses)
print("from", round(more.summary.objectiveHistory[0], 2), "to", round(more.summary.objectiveHistory[-1], 2))
CausalLMModel.ofFolder(folder + "/more").transform(verses.limit(2)).select("nll", "numTokens").show()
