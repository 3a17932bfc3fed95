# Databricks notebook source
# MAGIC %md
# MAGIC # Fine-tune a chat model with LoRA
# MAGIC Only small matrices beside the model's own are trained, on conversations, of which the assistant's words alone count. What comes out is a folder of adapters that peft opens.

# COMMAND ----------

import json
import os
import tempfile

import penstock_spark
from penstock_spark import CausalLMTrainer

spark = penstock_spark.session(2)
data = os.environ.get("PENSTOCK_DATA", os.path.abspath("../examples/data/quickstart"))
verses = spark.read.csv(data + "/kjv.tsv.gz", sep="\t", header=True).limit(1000).cache()
folder = tempfile.mkdtemp()

# COMMAND ----------

# MAGIC %md
# MAGIC ## A model to start from
# MAGIC Take a folder of the Hugging Face Hub for `modelPath`. This notebook makes a tiny one, so that it runs anywhere in a minute.

# COMMAND ----------

config = json.load(open(data + "/config.json"))
config.update(hidden_size=64, intermediate_size=128, num_attention_heads=4, num_key_value_heads=2, head_dim=16)
base = CausalLMTrainer(
    tokenizerPath=data, modelConfig=json.dumps(config), seqLength=64, ppSize=2, globalBatchSize=8,
    ppMicrobatchSize=2, maxSteps=40, learningRate=5e-3, progressInterval=20, livePage=False,
    outputPath=folder + "/base").fit(verses)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Conversations
# MAGIC A column of messages, as the Hub's chat data sets have it. The tokenizer's chat template turns them into tokens; `nll` and the loss are over what the assistant says.

# COMMAND ----------

chats = verses.selectExpr(
    "array(named_struct('role', 'user', 'content', concat('Recite ', ref, '.')),"
    " named_struct('role', 'assistant', 'content', text)) messages").limit(300)
chats.show(2, truncate=110)

# COMMAND ----------

tuned = CausalLMTrainer(
    messagesCol="messages", modelPath=base.modelPath, loraTargetModules=["all-linear"],
    loraRank=8, loraAlpha=16, packing="none", seqLength=128, ppSize=2, globalBatchSize=8, maxSteps=40,
    learningRate=1e-2, progressInterval=10, livePage=False, outputPath=folder + "/adapters").fit(chats)
print(tuned.summary)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What was saved
# MAGIC The adapters alone: a few hundred kilobytes, whatever the size of the model. `loraMerge=True` saves a whole model instead.

# COMMAND ----------

for name in sorted(os.listdir(folder + "/adapters")):
    print(f"{os.path.getsize(folder + '/adapters/' + name):>9,}  {name}")
tuned.transform(chats.limit(3)).select("nll", "numTokens").show()
