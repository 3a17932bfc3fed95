"""The same classes against a Spark Connect server that has the jars, with its default settings."""

import os
import tempfile
import unittest
from pathlib import Path

from pyspark.ml import Pipeline, PipelineModel
from pyspark.sql import SparkSession

import penstock_spark
from penstock_spark import CausalLMModel, CausalLMTrainer, PenstockError, TextGenerator
from small import STEPS, params, verses


class ConnectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = (
            SparkSession.builder.remote("local[2]")
            .config("spark.driver.extraClassPath", os.pathsep.join(penstock_spark.jars()))
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .getOrCreate()
        )
        cls.addClassCleanup(cls.spark.stop)
        cls.verses = verses(cls.spark)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.model = CausalLMTrainer(**params(outputPath=str(cls.folder / "model"))).fit(cls.verses)

    def path(self, name):
        return str(self.folder / self.id().rsplit(".", 1)[1] / name)

    def test_model_and_summary(self):
        self.assertTrue(self.model.modelPath.endswith(str(self.folder / "model")))
        self.assertTrue(self.model.hasSummary)
        summary = self.model.summary
        self.assertEqual(summary.totalIterations, STEPS)
        self.assertLess(summary.objectiveHistory[-1], summary.objectiveHistory[0])
        self.assertIn("model.embed_tokens", summary.stageTable)
        picture = self.folder / "loss.svg"
        summary.plotLoss(str(picture))
        self.assertIn("<svg", picture.read_text())
        self.assertRaisesRegex(PenstockError, "must end with .svg,", summary.plotLoss, "loss.png")
        self.assertRaisesRegex(PenstockError, "timelineSteps", summary.plotTimeline, "steps.png")

    def test_explain_tells_the_run_before_it_starts(self):
        trainer = CausalLMTrainer(**params(ppSize=2))
        text = trainer.explain(self.verses)
        self.assertIn("2 pipeline ranks x 1 replica = 2 devices (cpu)", text)
        self.assertIn("Data      staged: all rows are tokenized", text)
        self.assertRaises(PenstockError, trainer.explain, self.verses.drop("text"))

    def test_scores_and_generates(self):
        rows = self.model.transform(self.verses.limit(3)).collect()
        self.assertTrue(all(row.nll > 0 for row in rows))
        greedy = self.model.generate("In the beginning", 5)
        generator = TextGenerator(modelPath=self.model.modelPath, maxNewTokens=5, doSample=False)
        prompts = self.spark.createDataFrame([("In the beginning",)], ["text"])
        self.assertEqual(generator.transform(prompts).first().generated, greedy)

    def test_saves_and_loads(self):
        self.model.save(self.path("model"))
        loaded = CausalLMModel.load(self.path("model"))
        self.assertEqual(loaded.uid, self.model.uid)
        self.assertEqual(loaded.modelPath, self.path("model") + "/data")
        self.assertFalse(loaded.hasSummary)
        self.assertEqual(
            [row.nll for row in loaded.transform(self.verses.limit(3)).collect()],
            [row.nll for row in self.model.transform(self.verses.limit(3)).collect()],
        )
        trainer = CausalLMTrainer(**params())
        trainer.save(self.path("trainer"))
        self.assertEqual(CausalLMTrainer.load(self.path("trainer")).getSeed(), 7)
        pipeline = Pipeline(stages=[CausalLMTrainer(**params(maxSteps=1))]).fit(self.verses)
        pipeline.save(self.path("pipeline"))
        self.assertGreater(PipelineModel.load(self.path("pipeline")).transform(self.verses).first().nll, 0)

    def test_fits_of_several_param_maps(self):
        trainer = CausalLMTrainer(**params(maxSteps=1, outputPath=self.path("models")))
        models = trainer.fit(self.verses, [{trainer.seed: 1}, {}])
        self.assertEqual(
            {Path(model.modelPath).name for model in models}, set(os.listdir(self.path("models")))
        )

    def test_errors_are_short(self):
        with self.assertRaises(PenstockError) as caught:
            CausalLMTrainer(**params(seqLength=128)).fit(self.verses)
        self.assertEqual(caught.exception.remedy, "Use a shorter seqLength.")
        with self.assertRaises(PenstockError) as caught:
            CausalLMTrainer(**params(learningRate=1e30, maxGradNorm=0.0, maxSteps=20)).fit(self.verses)
        self.assertEqual(caught.exception.rank, 0)

    def test_another_session(self):
        other = self.spark.newSession() if hasattr(self.spark, "newSession") else self.spark
        rows = TextGenerator(modelPath=self.model.modelPath, maxNewTokens=2).transform(
            other.createDataFrame([("And God said",)], ["text"])
        )
        self.assertEqual(len(rows.collect()), 1)


if __name__ == "__main__":
    unittest.main()
