"""Penstock for PySpark: language models, trained with pipeline parallelism inside a Spark job.

The classes live in ``dev.penstock.spark``, where their Java twins do: Spark's readers take the name
of one for that of the other.
"""

from dev.penstock.spark import CausalLMModel, CausalLMTrainer, TextGenerator, TrainingSummary
from dev.penstock.spark._errors import PenstockError
from dev.penstock.spark._local import jars, session
from dev.penstock.spark._version import __version__

__all__ = [
    "CausalLMModel",
    "CausalLMTrainer",
    "PenstockError",
    "TextGenerator",
    "TrainingSummary",
    "__version__",
    "jars",
    "session",
]
