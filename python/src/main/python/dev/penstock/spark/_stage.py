"""What the stages share."""

from typing import Any, Type, TypeVar

from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaParams
from pyspark.sql.utils import is_remote

from dev.penstock.spark._errors import PenstockError, penstock_errors

S = TypeVar("S", bound="Stage")


class Stage(JavaParams, JavaMLReadable[Any], JavaMLWritable):
    """A stage with a Java twin of the same name."""

    def _new_twin(self, uid: str) -> Any:
        """The Java twin; over Spark Connect its name."""
        name = f"{type(self).__module__}.{type(self).__name__}"
        if not is_remote():
            _check_session()
        return self._new_java_obj(name, uid)

    def save(self, path: str) -> None:
        """Saves this, for Python and Java; refuses where something is saved already."""
        with penstock_errors():
            super().save(path)

    @classmethod
    def load(cls: Type[S], path: str) -> S:
        """Loads what Python or Java has saved."""
        if not is_remote():
            _check_session()
        with penstock_errors():
            return super().load(path)

    def _set(self, **kwargs: Any) -> Any:
        given = {name: value for name, value in kwargs.items() if value is not None}
        for name, value in given.items():
            try:
                self.getParam(name).typeConverter(value)
            except TypeError as error:  # PySpark's own words do not name the Param
                raise TypeError(f"{type(self).__name__}: {name} {error}.") from None
        return super()._set(**given)


def _check_session() -> None:
    from pyspark.sql import SparkSession

    from dev.penstock.spark._local import has_penstock

    spark = SparkSession.getActiveSession()
    if spark is None:
        raise PenstockError("There is no Spark session. Start one, such as penstock_spark.session().")
    if not has_penstock(spark):
        raise PenstockError(
            "The Spark session lacks Penstock's jars. Start it with spark.jars set to"
            " ','.join(penstock_spark.jars()), or by penstock_spark.session()."
        )
