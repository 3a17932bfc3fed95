"""Fits, models, generators and pipelines from Python, in a local session."""

import os
import signal
import tempfile
import unittest
from pathlib import Path

from pyspark.ml import Pipeline, PipelineModel, Transformer
from pyspark.ml.evaluation import Evaluator
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.ml.util import DefaultParamsReadable, DefaultParamsWritable

import penstock_spark
from penstock_spark import CausalLMModel, CausalLMTrainer, PenstockError, TextGenerator
from small import DATA, STEPS, params, verses


class MeanNll(Evaluator):
    """Lower is better."""

    def _evaluate(self, dataset):
        return dataset.selectExpr("avg(nll)").first()[0]

    def isLargerBetter(self):
        return False


class Trimmed(Transformer, DefaultParamsReadable, DefaultParamsWritable):
    """A stage that only Python has."""

    def _transform(self, dataset):
        return dataset.selectExpr("trim(text) AS text")


class FitTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = penstock_spark.session(2)
        cls.verses = verses(cls.spark).cache()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.lines = []
        trainer = CausalLMTrainer(**params(ppSize=2, outputPath=str(cls.folder / "model")))
        cls.model = trainer.setProgressLines(cls.lines.append).fit(cls.verses)

    def path(self, name):
        return str(self.folder / self.id().rsplit(".", 1)[1] / name)

    def test_progress_lines_arrive_while_it_trains(self):
        self.assertEqual(len(self.lines), STEPS)
        self.assertTrue(self.lines[0].startswith(f"step 1/{STEPS}  loss 8."), self.lines[0])

    def test_explain_tells_the_run_before_it_starts(self):
        trainer = CausalLMTrainer(**params(ppSize=2))
        text = trainer.explain(self.verses)
        self.assertIn("2 pipeline ranks x 1 replica = 2 devices (cpu)", text)
        self.assertIn("Data      staged: all rows are tokenized", text)
        self.assertRaises(PenstockError, trainer.explain, self.verses.drop("text"))

    def test_summary(self):
        summary = self.model.summary
        self.assertEqual(summary.totalIterations, STEPS)
        self.assertLess(summary.objectiveHistory[-1], summary.objectiveHistory[0])
        of_java = self.model._java_obj.summary()
        self.assertEqual(summary.objectiveHistory, list(of_java.objectiveHistory()))
        self.assertEqual(summary.phaseSeconds, dict(of_java.phaseSeconds()))
        self.assertIsNone(summary.timelinePath)
        self.assertEqual({len(column) for column in summary.history.values()}, {STEPS})
        self.assertIn("4 steps, loss 8.", repr(summary))
        self.assertIn('<iframe srcdoc="&lt;!DOCTYPE html&gt;', summary._repr_html_())
        self.assertIn("<polyline", self.model._repr_html_())
        self.assertIn("model.embed_tokens", self.model._repr_html_())
        for kind in ("svg", "png"):
            picture = self.folder / ("loss." + kind)
            summary.plotLoss(str(picture))
            self.assertGreater(picture.stat().st_size, 1000)

    def test_scores_and_generates(self):
        scored = self.model.transform(self.verses.limit(3)).collect()
        self.assertTrue(all(row.nll > 0 and row.numTokens > 0 for row in scored))
        self.assertIn(str(self.folder / "model"), repr(self.model))
        greedy = self.model.generate("In the beginning", 5)
        drawn = {
            self.model.generate("In the beginning", 5, doSample=True, temperature=5.0, seed=seed)
            for seed in range(4)
        }
        self.assertEqual(greedy, CausalLMModel.ofFolder(self.model.modelPath).generate("In the beginning", 5))
        self.assertGreater(len(drawn), 1)
        generator = TextGenerator(modelPath=self.model.modelPath, maxNewTokens=5, doSample=False)
        prompts = self.spark.createDataFrame([("In the beginning",), (None,)], ["text"])
        self.assertEqual([row.generated for row in generator.transform(prompts).collect()], [greedy, None])

    def test_what_is_drawn_follows_from_seed_and_prompt(self):
        generator = TextGenerator(
            modelPath=self.model.modelPath, maxNewTokens=5, doSample=True, temperature=5.0
        )
        prompts = [("In the beginning",), ("And God said",), ("In the beginning",)]
        frame = self.spark.createDataFrame(prompts, ["text"])
        spread = [row.generated for row in generator.transform(frame.repartition(3)).sort("text").collect()]
        together = [row.generated for row in generator.transform(frame.coalesce(1)).sort("text").collect()]
        self.assertEqual(spread, together)
        self.assertEqual(spread[1], spread[2])
        other = generator.copy({generator.seed: 8}).transform(frame).sort("text").collect()
        self.assertNotEqual(spread, [row.generated for row in other])

    def test_fit_with_param_maps_makes_a_folder_each(self):
        trainer = CausalLMTrainer(**params(outputPath=self.path("models"), maxSteps=1))
        single = trainer.fit(self.verses, {trainer.seed: 8})
        models = trainer.fit(self.verses, [{trainer.maxSteps: 2}, {}])
        folders = {Path(model.modelPath).name for model in [single, *models]}
        self.assertEqual(folders, set(os.listdir(self.path("models"))))
        self.assertEqual([model.summary.totalIterations for model in models], [2, 1])
        self.assertEqual(trainer.getSeed(), 7)

    def test_cross_validator(self):
        trainer = CausalLMTrainer(**params(outputPath=self.path("models"), maxSteps=1))
        grid = ParamGridBuilder().addGrid(trainer.learningRate, [1e-3, 1e-1]).build()
        validator = CrossValidator(
            estimator=Pipeline(stages=[trainer]),
            estimatorParamMaps=grid,
            evaluator=MeanNll(),
            numFolds=2,
        )
        best = validator.fit(self.verses)
        self.assertEqual(len(best.avgMetrics), 2)
        self.assertEqual(len(os.listdir(self.path("models"))), 5)

    def test_trainer_saved_here_and_there(self):
        trainer = CausalLMTrainer(**params(loraTargetModules=["q_proj", "v_proj"], gradNormType=float("inf")))
        trainer.save(self.path("trainer"))
        loaded = CausalLMTrainer.load(self.path("trainer"))
        self.assertEqual(loaded.uid, trainer.uid)
        self.assertEqual(
            {param.name: value for param, value in loaded._paramMap.items()},
            {param.name: value for param, value in trainer._paramMap.items()},
        )
        java = self.spark._jvm.dev.penstock.spark.CausalLMTrainer.load(self.path("trainer"))
        self.assertEqual(java.getSeed(), 7)
        generator = TextGenerator(modelPath="x", topK=3)
        generator.save(self.path("generator"))
        self.assertEqual(TextGenerator.load(self.path("generator")).getTopK(), 3)
        with self.assertRaisesRegex(PenstockError, "already exists"):
            generator.save(self.path("generator"))

    def test_pipelines_saved_in_python_and_java(self):
        trainer = CausalLMTrainer(**params(maxSteps=1))
        pipeline = Pipeline(stages=[trainer])
        pipeline.save(self.path("pipeline"))
        fitted = Pipeline.load(self.path("pipeline")).fit(self.verses)
        expected = [row.nll for row in fitted.transform(self.verses).collect()]
        fitted.save(self.path("python"))
        java = self.spark._jvm.org.apache.spark.ml.PipelineModel.load(self.path("python"))
        java.write().overwrite().save(self.path("java"))
        for folder in ("python", "java"):
            loaded = PipelineModel.load(self.path(folder))
            self.assertIsInstance(loaded.stages[0], CausalLMModel)
            self.assertFalse(loaded.stages[0].hasSummary)
            self.assertEqual([row.nll for row in loaded.transform(self.verses).collect()], expected)

    def test_pipeline_with_a_stage_that_only_python_has(self):
        pipeline = Pipeline(stages=[Trimmed(), CausalLMTrainer(**params(maxSteps=1))])
        pipeline.fit(self.verses).save(self.path("mixed"))
        loaded = PipelineModel.load(self.path("mixed"))
        self.assertGreater(loaded.transform(self.verses).first().nll, 0)

    def test_errors_are_short(self):
        with self.assertRaises(PenstockError) as caught:
            CausalLMTrainer(**params(seqLength=128)).fit(self.verses)
        self.assertEqual(caught.exception.remedy, "Use a shorter seqLength.")
        self.assertIn("dev.penstock.engine.config.ConfigException", caught.exception.java_trace)
        self.assertIsNone(caught.exception.rank)
        with self.assertRaisesRegex(PenstockError, "parameter seqLength given invalid value 1"):
            CausalLMTrainer(**params(seqLength=1)).fit(self.verses)

    def test_the_first_cause_of_a_rank_is_told(self):
        diverging = CausalLMTrainer(**params(ppSize=2, learningRate=1e30, maxGradNorm=0.0, maxSteps=20))
        with self.assertRaises(PenstockError) as caught:
            diverging.fit(self.verses)
        error = caught.exception
        self.assertIn(error.rank, (0, 1))
        self.assertEqual(error.stage, f"stage {error.rank}")
        self.assertIn("gradient norm", error.cause)
        self.assertIn("Lower the learning rate", error.remedy)
        self.assertTrue(str(error).startswith("Training failed. First cause: rank"))

    def test_interrupt_cancels_and_leaves_the_session_usable(self):
        trainer = CausalLMTrainer(**params(maxSteps=100000, maxAttempts=1))

        def interrupt(line):
            os.kill(os.getpid(), signal.SIGINT)

        with self.assertRaises(KeyboardInterrupt):
            trainer.setProgressLines(interrupt).fit(self.verses)
        self.assertEqual(list(self.spark.sparkContext.statusTracker().getActiveJobsIds()), [])
        self.assertEqual(CausalLMTrainer(**params(maxSteps=1)).fit(self.verses).summary.totalIterations, 1)

    def test_readme(self):
        readme = Path(os.environ["PENSTOCK_README"]).read_text()
        blocks = [block.split("```")[0] for block in readme.split("```python\n")[1:]]
        self.assertEqual(len(blocks), 1)
        self.assertEqual(blocks[0].count("maxSteps=200"), 1)
        code = blocks[0].replace("maxSteps=200", "maxSteps=2")
        names = {"data": str(DATA), "output": self.path("readme")}
        exec(compile(code, "README.md", "exec"), names)
        self.assertEqual(names["model"].summary.totalIterations, 2)


if __name__ == "__main__":
    unittest.main()
