"""How a model scores and continues texts."""

import html
import json
from pathlib import Path
from typing import Any, List, Optional

from pyspark.ml.wrapper import JavaModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.utils import is_remote

from dev.penstock.spark._errors import PenstockError, penstock_errors
from dev.penstock.spark._stage import Stage, _check_session

_SUMMARY_FILE = "training_summary.json"


class ModelStage(JavaModel, Stage):
    """What the generated CausalLMModel adds its Params to."""

    @classmethod
    def ofFolder(cls, modelPath: str) -> Any:
        """A model that was not trained here: a Hugging Face folder, or one of adapters."""
        if is_remote():
            raise PenstockError(
                "Over Spark Connect a folder is not opened as a model. Use"
                " TextGenerator(modelPath=...) to continue texts."
            )
        _check_session()
        from pyspark import SparkContext

        context = SparkContext._active_spark_context
        assert context is not None and context._jvm is not None
        java_model = context._jvm.dev.penstock.spark.CausalLMModel.ofFolder(modelPath)
        model = cls(java_model)
        model._transfer_params_from_java()
        return model

    @property
    def modelPath(self) -> str:
        """The Hugging Face folder of the model, or that of its adapters."""
        if is_remote():
            # The one thing a Connect server tells of a model; its path is at the end.
            return str(self._call_java("toString")).split("modelPath=", 1)[1]
        assert self._java_obj is not None
        return str(self._java_obj.modelPath())

    def transform(self, dataset: DataFrame, params: Any = None) -> DataFrame:
        """Adds the mean negative log-likelihood of each text and the number of its tokens."""
        with penstock_errors():
            return super().transform(dataset, params)

    def generate(
        self,
        prompt: str,
        maxNewTokens: Optional[int] = None,
        *,
        doSample: Optional[bool] = None,
        temperature: Optional[float] = None,
        topK: Optional[int] = None,
        topP: Optional[float] = None,
        repetitionPenalty: Optional[float] = None,
        seed: int = 0,
    ) -> str:
        """Continues a prompt, as the model's generation_config.json says where nothing is said here.

        With maxNewTokens alone it takes the likeliest tokens, as Java's ``generate(prompt, n)``.

        Returns:
            What follows the prompt.
        """
        options = {
            "doSample": doSample,
            "temperature": temperature,
            "topK": topK,
            "topP": topP,
            "repetitionPenalty": repetitionPenalty,
        }
        given = {name: value for name, value in options.items() if value is not None}
        if maxNewTokens is not None:
            if not given:
                given["doSample"] = False
            given["maxNewTokens"] = maxNewTokens
        from dev.penstock.spark import TextGenerator

        generator = TextGenerator(modelPath=self.modelPath, seed=seed, **given)
        with penstock_errors():
            if is_remote():
                return self._generate_by(generator, prompt)
            return self._generate_here(generator, given, prompt, seed)

    def _generate_by(self, generator: Any, prompt: str) -> str:
        if self.isSet("baseModelPath"):
            generator.setBaseModelPath(self.getOrDefault("baseModelPath"))
        generator.setAddSpecialTokens(self.getOrDefault("addSpecialTokens"))
        generator.setDevice(self.getOrDefault("device"))
        frame = SparkSession.active().createDataFrame([(prompt,)], ["text"])
        row = generator.transform(frame).first()
        assert row is not None
        return str(row["generated"])

    def _generate_here(self, generator: Any, given: Any, prompt: str, seed: int) -> str:
        from pyspark import SparkContext

        context = SparkContext._active_spark_context
        assert context is not None and context._jvm is not None and self._java_obj is not None
        self._transfer_params_to_java()
        options = context._jvm.dev.penstock.spark.GenerationOptions.ofModel().withSeed(seed)
        for name in given:
            value = generator.getOrDefault(name)  # converted
            options = getattr(options, "with" + name[0].upper() + name[1:])(value)
        return str(self._java_obj.generate(prompt, options))

    @property
    def hasSummary(self) -> bool:
        """Whether this was trained here, and not loaded."""
        return bool(self._call_java("hasSummary"))

    @property
    def summary(self) -> Any:
        """What happened in the fit.

        Raises:
            PenstockError: if the model has none.
        """
        from dev.penstock.spark import TrainingSummary

        if not self.hasSummary:
            raise PenstockError("This model has no summary: it was loaded, not trained here.")
        if is_remote():
            values = json.loads(_RemoteFiles(self.modelPath).read(_SUMMARY_FILE))
            return TrainingSummary(values, _RemoteFiles(self.modelPath, values["timelinePath"]))
        assert self._java_obj is not None
        summary = self._java_obj.summary()
        return TrainingSummary(json.loads(summary.toJson()), summary)

    def __repr__(self) -> str:
        return f"CausalLMModel(uid={self.uid!r}, modelPath={self.modelPath!r})"

    def _repr_html_(self) -> str:
        head = f"<b>CausalLMModel</b> <code>{html.escape(self.modelPath)}</code>"
        return head + (self.summary._short_html() if self.hasSummary else "")


class _RemoteFiles:
    """What a model folder tells of the fit, read through a Connect server."""

    def __init__(self, folder: str, timeline: Optional[str] = None) -> None:
        self._folder = folder
        self._timeline = timeline

    def read(self, name: str) -> str:
        row = SparkSession.active().read.text(f"{self._folder}/{name}", wholetext=True).first()
        assert row is not None
        return str(row[0])

    def reportHtml(self) -> str:
        return self.read("report.html")

    def plotLoss(self, path: str) -> None:
        self._fetch(f"{self._folder}/training_loss", path, [".svg"])

    def plotTimeline(self, path: str) -> None:
        if self._timeline is None:
            raise PenstockError("No step was timed. Set timelineSteps to 1.")
        self._fetch(f"{self._timeline}/timeline", path, [".svg", ".png"])

    @staticmethod
    def _fetch(picture: str, path: str, kinds: List[str]) -> None:
        kind = Path(path).suffix
        if kind not in kinds:
            raise PenstockError(
                f"{path} must end with {' or '.join(kinds)}, the kinds of pictures that are kept"
                " beside the model."
            )
        row = SparkSession.active().read.format("binaryFile").load(picture + kind).first()
        assert row is not None
        Path(path).write_bytes(row["content"])
