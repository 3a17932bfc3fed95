# Databricks notebook source
# MAGIC %md
# MAGIC # Resume a run
# MAGIC Checkpoints hold weights, optimizer and position in the data by the names that Hugging Face gives the weights. A fit that is called again goes on from the newest one, on as many ranks as you like, and comes to the same numbers as one that was never interrupted.

# COMMAND ----------

import json
import os
import tempfile

import penstock_spark
from penstock_spark import CausalLMTrainer

spark = penstock_spark.session(2)
data = os.environ.get("PENSTOCK_DATA", os.path.abspath("../examples/data/quickstart"))
verses = spark.read.csv(data + "/kjv.tsv.gz", sep="\t", header=True).limit(1000).cache()
config = json.load(open(data + "/config.json"))
config.update(hidden_size=64, intermediate_size=128, num_attention_heads=4, num_key_value_heads=2, head_dim=16)
folder = tempfile.mkdtemp()


def trainer(name, steps, ranks):
    return CausalLMTrainer(
        tokenizerPath=data, modelConfig=json.dumps(config), seqLength=64, ppSize=ranks, globalBatchSize=8,
        ppMicrobatchSize=2, maxSteps=steps, lrWarmupSteps=5, lrDecaySteps=40, learningRate=5e-3, seed=7,
        checkpointInterval=10, progressInterval=10, livePage=False, outputPath=f"{folder}/{name}")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Half of the run
# MAGIC Twenty steps on two ranks. `checkpointPath` keeps the checkpoints when the fit is over.

# COMMAND ----------

checkpoints = folder + "/checkpoints-of-mine"
half = trainer("half", 20, ranks=2).setCheckpointPath(checkpoints).fit(verses)
print(sorted(os.listdir(checkpoints)))

# COMMAND ----------

# MAGIC %md
# MAGIC ## The other half, on one rank
# MAGIC The same checkpoints, another layout. The first line says where it goes on; the metrics have the steps of both fits.

# COMMAND ----------

whole = trainer("whole", 40, ranks=1).setCheckpointPath(checkpoints).fit(verses)
print("went on at step", whole.summary.resumedAtStep)
print(sum(1 for line in open(folder + "/whole/metrics.jsonl")), "lines in metrics.jsonl")

# COMMAND ----------

# MAGIC %md
# MAGIC ## The same as without a break?

# COMMAND ----------

straight = trainer("straight", 40, ranks=2).fit(verses)
largest = max(
    abs(a - b) for a, b in zip(whole.summary.objectiveHistory, straight.summary.objectiveHistory))
print("largest difference of any step's loss:", largest)
assert largest < 1e-3
