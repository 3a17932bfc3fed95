// Databricks notebook source
// MAGIC %md
// MAGIC # Penstock: train a small Llama over two pipeline ranks
// MAGIC The story of `bin/quickstart` as a notebook. It reads a text, trains a Llama of 5 million parameters from random weights in one Spark barrier stage of two tasks, and shows what came of it.
// MAGIC
// MAGIC **Cluster**: dedicated access mode, autoscaling off, at least two task slots. **Libraries**: `penstock-spark-VERSION-all.jar` and the natives of PyTorch, as `docs/deploy.md` tells. **Data**: the folder `examples/data/quickstart` of the project, copied to a volume.

// COMMAND ----------

// DBTITLE 1,Where things lie
dbutils.widgets.text("data", "/Volumes/main/default/penstock/quickstart")
dbutils.widgets.text("output", "/Volumes/main/default/penstock/quickstart-model")
val data = dbutils.widgets.get("data")
val output = dbutils.widgets.get("output")

// COMMAND ----------

// DBTITLE 1,The text: one verse a row
val verses = spark.read.option("header", true).option("sep", "\t").csv(s"$data/kjv.tsv.gz")
display(verses.limit(5))

// COMMAND ----------

// MAGIC %md
// MAGIC ## Train
// MAGIC The model is cut into two stages. Each task of the barrier stage owns one of them; activations go from the first to the second, gradients come back, in the order of the 1F1B schedule. Progress lines appear below while it trains.

// COMMAND ----------

// DBTITLE 1,Train over two ranks
import dev.penstock.spark.{CausalLMModel, CausalLMTrainer}

val config = spark.read.option("wholetext", true).textFile(s"$data/config.json").first()
val trainer = new CausalLMTrainer()
  .setInputCol("text")
  .setTokenizerPath(data)
  .setModelConfig(config)
  .setSeqLength(128)
  .setPpSize(2)
  .setPpSchedule("1f1b")
  .setPpMicrobatchSize(1)
  .setGlobalBatchSize(8)
  .setMaxSteps(400)
  .setLearningRate(2e-3)
  .setBeta2(0.98)
  .setSeed(7)
  .setOutputPath(output)
  .setOverwriteOutput(true)
  .setProgressInterval(20)
  .setProgressLines(line => println(line))
val model = trainer.fit(verses)

// COMMAND ----------

// DBTITLE 1,The loss and the stages
println(model.summary.lossCurve())
println(model.summary.stageTable())

// COMMAND ----------

// DBTITLE 1,The loss of each step
import spark.implicits._

display(model.summary.objectiveHistory.toSeq.zipWithIndex.toDF("loss", "step"))

// COMMAND ----------

// MAGIC %md
// MAGIC ## Use it
// MAGIC `generate` continues a prompt, `transform` scores texts. The folder of the model opens with transformers as it is.

// COMMAND ----------

// DBTITLE 1,Continue prompts
Seq("And the LORD said unto Moses,", "In the beginning", "Blessed are they")
  .foreach(prompt => println(s"[$prompt]${model.generate(prompt, 40, 0.5, 7)}"))

// COMMAND ----------

// DBTITLE 1,Score texts
display(model.transform(verses.limit(100)).select("ref", "nll", "numTokens"))

// COMMAND ----------

// DBTITLE 1,Save it as a Spark ML model and load it again
model.write.overwrite().save(s"$output-saved")
val loaded = CausalLMModel.load(s"$output-saved")
println(loaded.modelPath)
