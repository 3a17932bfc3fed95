# Databricks notebook source
# MAGIC %md
# MAGIC # Choose a layout with `explain`
# MAGIC Before a cluster costs anything, `explain` says what a fit will be: which rank holds what, how the schedule looks and how long ranks wait, how much memory each takes, how fast it should be, and what is wrong with the plan. It reads no weights, and of the data what the plan of the frame knows.

# COMMAND ----------

import os

import penstock_spark
from penstock_spark import CausalLMTrainer

spark = penstock_spark.session(2)
data = os.environ.get("PENSTOCK_DATA", os.path.abspath("../examples/data/quickstart"))
verses = spark.read.csv(data + "/kjv.tsv.gz", sep="\t", header=True)

trainer = CausalLMTrainer(
    tokenizerPath=data, modelConfig=open(data + "/config.json").read(), seqLength=128,
    ppSize=4, globalBatchSize=4, maxSteps=1000)
print(trainer.explain(verses))

# COMMAND ----------

# MAGIC %md
# MAGIC Four ranks and four microbatches: each rank waits for the others almost half of the time. More microbatches fill the pipeline, and so does a schedule that gives each rank several small stages.

# COMMAND ----------

trainer.setGlobalBatchSize(32)
print(trainer.explain(verses))

# COMMAND ----------

# MAGIC %md
# MAGIC Fewer ranks have less to wait for, and each holds more. Whether that fits is in the table of memory.

# COMMAND ----------

trainer.setPpSize(2)
print(trainer.explain(verses))
