"""How the column of prompts is continued."""

from typing import Any

from pyspark.ml.wrapper import JavaTransformer
from pyspark.sql import DataFrame

from dev.penstock.spark._errors import penstock_errors
from dev.penstock.spark._stage import Stage


class GeneratorStage(JavaTransformer, Stage):
    """What the generated TextGenerator adds its Params to."""

    def __init__(self) -> None:
        super().__init__()
        self._java_obj = self._new_twin(self.uid)

    def transform(self, dataset: DataFrame, params: Any = None) -> DataFrame:
        """Adds what follows each prompt."""
        with penstock_errors():
            return super().transform(dataset, params)
