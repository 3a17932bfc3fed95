"""How a trainer fits."""

import uuid
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from pyspark.ml.param import Param
from pyspark.ml.wrapper import JavaEstimator, JavaParams, JavaTransformer
from pyspark.sql import DataFrame
from pyspark.sql.utils import is_remote

from dev.penstock.spark import _progress
from dev.penstock.spark._errors import penstock_errors
from dev.penstock.spark._stage import Stage

ParamMap = Dict[Param[Any], Any]


class _Explanation(JavaTransformer):
    """The transformer by which a Connect server explains what a trainer would do."""

    def __init__(self, trainer: JavaParams) -> None:
        super().__init__()
        self._java_obj = "dev.penstock.spark.explain.FitExplanation"
        self._paramMap = trainer._paramMap


class TrainerStage(JavaEstimator[Any], Stage):
    """What the generated CausalLMTrainer adds its Params to."""

    def __init__(self) -> None:
        super().__init__()
        self._progress_lines: Optional[Callable[[str], None]] = None
        self._shared_path: Optional[str] = None
        self._java_obj = self._new_twin(self.uid)

    def setProgressLines(self, lines: Optional[Callable[[str], None]]) -> Any:
        """Sends the progress lines of a fit to a function.

        Without one they are printed, in a notebook below a bar. Copies keep it; saving does not.
        Over Spark Connect lines stay in the log of the server.
        """
        self._progress_lines = lines
        return self

    def fit(
        self,
        dataset: DataFrame,
        params: Union[ParamMap, List[ParamMap], Sequence[ParamMap], None] = None,
    ) -> Any:
        """Trains a model, or one for each of several ParamMaps.

        Each fit with a ParamMap makes its model in a folder of its own below outputPath, unless the
        map names one.

        Raises:
            PenstockError: with the first cause, if Params, data and cluster do not go together, or
                a rank fails.
        """
        with penstock_errors():
            if isinstance(params, dict):
                return self._variant(params)._fit(dataset)
            return super().fit(dataset, params)

    def explain(self, dataset: DataFrame) -> str:
        """What a fit on a frame would be: stages, schedule, memory, time, what is wrong.

        Reads the model's config.json, and of the frame what its plan tells; trains nothing.
        """
        with penstock_errors():
            if is_remote():
                row = _Explanation(self).transform(dataset).first()
                assert row is not None
                return str(row[0])
            assert self._java_obj is not None
            self._transfer_params_to_java()
            return str(self._java_obj.explain(dataset._jdf))

    def copy(self, extra: Optional[ParamMap] = None) -> Any:
        """A copy with some Params set to other values."""
        return self._variant(extra) if extra else super().copy()

    def _variant(self, extra: ParamMap) -> Any:
        variant = super().copy(extra)
        named = any(param.name == "outputPath" for param in extra)
        shared = not named and self.isDefined("outputPath")
        variant._shared_path = self.getOrDefault("outputPath") if shared else None
        return variant

    def _fit(self, dataset: DataFrame) -> Any:
        trainer = self._in_own_folder()
        model = super(TrainerStage, trainer)._fit(dataset)
        # The adapters' model of the run's start; what was trained names its own, as Java knows.
        model._paramMap.pop(model.baseModelPath, None)
        if not is_remote():
            model._transfer_params_from_java()
        return model

    def _in_own_folder(self) -> Any:
        shared = self._shared_path
        if shared is None or self.getOrDefault("outputPath") != shared:
            return self
        own = super().copy()
        own._set(outputPath=f"{shared.rstrip('/')}/{self.uid}-{uuid.uuid4().hex[:8]}")
        return own

    def _fit_java(self, dataset: DataFrame) -> Any:
        assert self._java_obj is not None
        self._transfer_params_to_java()
        trainer = self._java_obj.copy(self._empty_java_param_map())
        if self._progress_lines is not None:
            return _progress.fit(trainer, dataset._jdf, self._progress_lines)
        return _progress.fit(trainer, dataset._jdf, _progress.show())

    def _create_model(self, java_model: Any) -> Any:
        from dev.penstock.spark import CausalLMModel

        return CausalLMModel(java_model)
