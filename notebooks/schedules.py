# Databricks notebook source
# MAGIC %md
# MAGIC # Schedules in pictures
# MAGIC A schedule says in which order a rank runs forward passes (blue) and backward passes (orange) of which microbatch. `timelineSteps` times every action of the last step, and `plotTimeline` draws them below the plan. The numbers in the boxes are microbatches.

# COMMAND ----------

import json
import os

from IPython.display import SVG, display

import penstock_spark
from penstock_spark import CausalLMTrainer

spark = penstock_spark.session(2)
data = os.environ.get("PENSTOCK_DATA", os.path.abspath("../examples/data/quickstart"))
verses = spark.read.csv(data + "/kjv.tsv.gz", sep="\t", header=True).limit(200).cache()
config = json.load(open(data + "/config.json"))
config.update(hidden_size=64, intermediate_size=128, num_attention_heads=4, num_key_value_heads=2, head_dim=16)


def train(schedule):
    trainer = CausalLMTrainer(
        tokenizerPath=data, modelConfig=json.dumps(config), seqLength=64, ppSize=2, ppSchedule=schedule,
        ppMicrobatchSize=1, globalBatchSize=6, maxSteps=4, timelineSteps=1, livePage=False, seed=7)
    trainer.setProgressLines(lambda line: None)
    summary = trainer.fit(verses).summary
    summary.plotTimeline(schedule + ".svg")
    display(SVG(schedule + ".svg"))
    return summary

# COMMAND ----------

# MAGIC %md
# MAGIC ## GPipe
# MAGIC All forward passes, then all backward passes. Every microbatch's activations are kept until the end: the peak in the caption is the number of microbatches.

# COMMAND ----------

gpipe = train("gpipe")

# COMMAND ----------

# MAGIC %md
# MAGIC ## 1F1B
# MAGIC Each rank goes back as soon as it can. The ranks wait as long as before, but the first one keeps the activations of two microbatches only.

# COMMAND ----------

one_f_one_b = train("1f1b")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Interleaved zero bubble
# MAGIC Each rank has two stages, and a backward pass is cut in two: the gradient that the rank before waits for (teal), and that of the weights (green), which fills what would be waiting.

# COMMAND ----------

zero_bubble = train("interleavedzerobubble")

# COMMAND ----------

# MAGIC %md
# MAGIC The order changes when things are computed, not what: the losses are the same but for rounding.

# COMMAND ----------

for summary in (gpipe, one_f_one_b, zero_bubble):
    print([round(loss, 3) for loss in summary.objectiveHistory])
