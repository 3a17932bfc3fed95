"""The jars of this distribution, and a Spark session that has them."""

from pathlib import Path
from typing import TYPE_CHECKING, Dict, List, Optional, Union

from dev.penstock.spark._errors import PenstockError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_MARKER = "dev.penstock.spark.CausalLMTrainer"


def jars(natives: bool = True) -> List[str]:
    """Paths of Penstock's jars, for ``spark.jars`` (joined by commas).

    Args:
        natives: also the native libraries of this platform, which the executors need. Leave them
            out where the cluster has its own, such as those for GPUs.
    """
    import penstock_spark

    folder = Path(next(iter(penstock_spark.__path__))) / "jars"
    own = sorted(folder.glob("penstock-spark-*.jar"))
    if not own:
        raise PenstockError(f"There are no jars in {folder}. Install the penstock-spark wheel again.")
    others = sorted(path for path in folder.glob("*.jar") if path not in own)
    return [str(path) for path in own + (others if natives else [])]


def session(
    cores: Union[int, str] = "*",
    *,
    appName: str = "penstock",
    memory: str = "2g",
    config: Optional[Dict[str, str]] = None,
) -> "SparkSession":
    """A local Spark session that can train: for a laptop, a notebook, a test.

    Args:
        cores: task slots; a fit needs ``ppSize * dpSize`` of them. ``*``: as many as there are
            cores.
        appName: what Spark calls the application.
        memory: the Java heap; weights, gradients and activations lie outside of it.
        config: further Spark settings, which win over those made here.

    Raises:
        PenstockError: if a session runs already that lacks Penstock's jars; Java's class path
            cannot change once it runs.
    """
    from pyspark.sql import SparkSession

    settings = {
        "spark.master": f"local[{cores}]",
        "spark.app.name": appName,
        "spark.driver.memory": memory,
        # On Java's own class path: loaded once, and found by every thread.
        "spark.driver.extraClassPath": ":".join(jars()),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Progress lines come with heartbeats.
        "spark.executor.heartbeatInterval": "1s",
        **(config or {}),
    }
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    if not has_penstock(spark):
        raise PenstockError(
            "A Spark session runs already, and it lacks Penstock's jars. Stop it and restart Python"
            " (a notebook's kernel), or start it with spark.jars set to"
            " ','.join(penstock_spark.jars())."
        )
    return spark


def has_penstock(spark: "SparkSession") -> bool:
    """Whether the JVM of a classic session finds Penstock's classes."""
    loader = spark._jvm.java.lang.Thread.currentThread().getContextClassLoader()  # type: ignore
    return loader.getResource(_MARKER.replace(".", "/") + ".class") is not None
