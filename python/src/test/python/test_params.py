"""What Python has of Params and summaries is what Java has."""

import ast
import inspect
import json
import unittest
from pathlib import Path

import numpy as np

import penstock_spark
from dev.penstock.spark import _convert
from penstock_spark import CausalLMModel, CausalLMTrainer, TextGenerator, TrainingSummary

TYPES = {
    "IntParam": _convert.toInt,
    "LongParam": _convert.toLong,
    "DoubleParam": _convert.toFloat,
    "BooleanParam": _convert.toBoolean,
    "StringArrayParam": _convert.toListString,
    "Param": _convert.toString,
}


OLDEST = (3, 9)


class ParamsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.spark = penstock_spark.session(2)
        cls.java = cls.spark._jvm.dev.penstock.spark

    def test_python_has_the_params_of_java(self):
        for stage in (CausalLMTrainer(), CausalLMModel(), TextGenerator()):
            twin = getattr(self.java, type(stage).__name__)()
            java = {param.name(): param for param in twin.params()}
            self.assertEqual(set(java), {param.name for param in stage.params})
            for param in stage.params:
                with self.subTest(stage=type(stage).__name__, param=param.name):
                    of_java = java[param.name]
                    self.assertEqual(param.doc, of_java.doc())
                    type_name = of_java.getClass().getSimpleName()
                    self.assertIs(param.typeConverter, TYPES[type_name])
                    self.assertEqual(stage.hasDefault(param), twin.hasDefault(of_java))
                    if stage.hasDefault(param):
                        default = twin.getDefault(of_java).get()
                        self.assertEqual(stage.getOrDefault(param), default)
                        self.assertIs(type(stage.getOrDefault(param)), type(default))

    def test_every_param_has_keyword_getter_and_setter(self):
        for stage in (CausalLMTrainer(), TextGenerator()):
            keywords = inspect.signature(type(stage)).parameters
            for param in stage.params:
                self.assertIn(param.name, keywords)
        value = {"int": 3, "float": 0.5, "bool": True, "str": "x", "List[str]": ["x", "y"]}
        for stage in (CausalLMTrainer(), CausalLMModel(), TextGenerator()):
            for param in stage.params:
                cased = param.name[0].upper() + param.name[1:]
                setter = getattr(stage, "set" + cased)
                kind = str(inspect.signature(setter).parameters["value"].annotation)
                kind = kind.replace("typing.", "").replace("<class '", "").replace("'>", "")
                self.assertIs(setter(value[kind]), stage)
                self.assertEqual(getattr(stage, "get" + cased)(), value[kind])

    def test_summary_has_the_values_of_java(self):
        values = [name for name, value in vars(TrainingSummary).items() if isinstance(value, property)]
        methods = self.java.TrainingSummary._java_lang_class.getDeclaredMethods()
        java = {
            method.getName()
            for method in methods
            if method.getModifiers() & 1 and not method.isSynthetic()
        }
        by_hand = {"plotLoss", "plotTimeline", "reportHtml"}
        self.assertEqual(set(values), java - {"toJson", "toString"} - by_hand)
        self.assertTrue(all(callable(getattr(TrainingSummary, name)) for name in by_hand))

    def test_values_that_cannot_be_meant_are_type_errors(self):
        for name, value in {
            "seqLength": 64.0,
            "ppSize": True,
            "maxSteps": 2**31,
            "seed": "7",
            "learningRate": "fast",
            "beta1": True,
            "overwriteOutput": 1,
            "inputCol": 3,
            "loraTargetModules": "q_proj",
            "noDecayPatterns": [1],
        }.items():
            with self.assertRaisesRegex(TypeError, f"^CausalLMTrainer: {name} needs .* but got "):
                CausalLMTrainer(**{name: value})

    def test_values_are_converted(self):
        trainer = CausalLMTrainer(
            learningRate=1, seqLength=np.int64(64), seed=2**40, loraTargetModules=("q_proj",)
        )
        self.assertEqual(json.dumps(trainer.getLearningRate()), "1.0")
        self.assertEqual(json.dumps(trainer.getSeqLength()), "64")
        self.assertEqual(trainer.getLoraTargetModules(), ["q_proj"])
        twin = trainer._to_java()
        self.assertEqual(twin.getLearningRate(), 1.0)
        self.assertEqual(twin.getSeed(), 2**40)
        self.assertEqual(list(twin.getLoraTargetModules()), ["q_proj"])

    def test_py4j_sees_the_setters_of_java(self):
        for name in ("CausalLMTrainer", "CausalLMModel", "TextGenerator"):
            stage = getattr(self.java, name)()
            for param in stage.params():
                cased = param.name()[0].upper() + param.name()[1:]
                if stage.hasDefault(param):
                    value = stage.getDefault(param).get()
                    self.assertEqual(getattr(stage, "set" + cased)(value).uid(), stage.uid())
                    self.assertEqual(getattr(stage, "get" + cased)(), value)

    def test_sources_are_those_of_the_oldest_python(self):
        for package in (penstock_spark, _convert):
            for source in Path(package.__file__).parent.glob("*.py"):
                tree = ast.parse(source.read_text(), source.name, feature_version=OLDEST)
                for node in ast.walk(tree):
                    hint = getattr(node, "annotation", None) or getattr(node, "returns", None)
                    unions = [n for n in ast.walk(hint) if isinstance(n, ast.BitOr)] if hint else []
                    self.assertEqual(unions, [], f"{source}: X | Y is a type from 3.10 on only")

    def test_explained(self):
        text = CausalLMTrainer(ppSize=2).explainParams()
        self.assertIn("ppSize: Ranks the model is cut over.", text)
        self.assertIn("current: 2", text)


if __name__ == "__main__":
    unittest.main()
