# Databricks notebook source
# MAGIC %md
# MAGIC # Quickstart: a small Llama over two pipeline ranks
# MAGIC Penstock cuts a Hugging Face model into stages, and the tasks of one Spark barrier stage train it as a pipeline. Here two tasks of this machine train a Llama of half a million parameters on the King James Bible. The executors run no Python.

# COMMAND ----------

import json
import os

import penstock_spark
from penstock_spark import CausalLMTrainer

spark = penstock_spark.session(2)
data = os.environ.get("PENSTOCK_DATA", os.path.abspath("../examples/data/quickstart"))
verses = spark.read.csv(data + "/kjv.tsv.gz", sep="\t", header=True)
verses.show(3, truncate=60)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Train
# MAGIC The configuration is a plain `config.json`; the weights are random. `ppSize=2` makes two ranks, and `1f1b` is the order in which they run forward and backward passes. The first line says where the fit can be watched in a browser.

# COMMAND ----------

config = json.load(open(data + "/config.json"))
config.update(hidden_size=64, intermediate_size=128, num_attention_heads=4, num_key_value_heads=2, head_dim=16)
trainer = CausalLMTrainer(
    tokenizerPath=data, modelConfig=json.dumps(config), seqLength=64, ppSize=2, ppSchedule="1f1b",
    ppMicrobatchSize=2, globalBatchSize=8, maxSteps=60, learningRate=5e-3, progressInterval=20)
model = trainer.fit(verses.limit(2000))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What came of it
# MAGIC Guessing among 4,096 tokens costs ln 4096 = 8.32 nats. The loss begins there and falls. `model.summary` at the end of a cell shows the whole page of the fit.

# COMMAND ----------

from IPython.display import SVG

model.summary.plotLoss("loss.svg")
SVG("loss.svg")

# COMMAND ----------

print(model.summary)
print(model.summary.stageTable)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Use it
# MAGIC `transform` adds the mean negative log-likelihood of each text; `generate` continues a prompt. The folder in `modelPath` opens with transformers as it is.

# COMMAND ----------

model.transform(verses.limit(3)).select("ref", "nll", "numTokens").show()
print(model.generate("In the beginning", 12))
print(sorted(os.listdir(model.modelPath.replace("file:", ""))))
