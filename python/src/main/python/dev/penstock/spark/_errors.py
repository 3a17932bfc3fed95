"""Java exceptions as short Python ones."""

import re
from contextlib import contextmanager
from typing import Any, Iterator, List, Optional, Tuple

_FIRST_CAUSE = re.compile(
    r"First cause: rank (?P<rank>\d+) \((?P<stage>stage[^,)]*(?:, stage[^,)]*)*)?,? ?(?P<where>[^)]*)\):"
    r" (?P<cause>.*)",
    re.DOTALL,
)
_JAVA_CLASS = re.compile(r"^\(?(?P<name>(?:[a-z]\w*\.)+[A-Z][\w$]*)\)?:?\s+(?P<text>.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_OURS = "dev.penstock."
# What Penstock and Spark's Params throw beside classes of their own.
_SPEAKING = (
    "java.lang.IllegalArgumentException",
    "java.io.IOException",
    "java.io.UncheckedIOException",
)
_MOST_CHARACTERS = 2000


class PenstockError(RuntimeError):
    """What went wrong, in a few words.

    Attributes:
        cause: what began it.
        rank: the rank that failed first, or None.
        stage: its pipeline stages, such as ``stage 1``, or None.
        where: its executor and host, or None.
        remedy: what to do about it: the last sentence of the message; None if there is but one.
        java_trace: the Java stack trace behind it, or None.
    """

    def __init__(self, message: str, java_trace: Optional[str] = None) -> None:
        super().__init__(message)
        found = _FIRST_CAUSE.search(message)
        self.cause: str = _without_class(found["cause"] if found else message)
        self.rank: Optional[int] = int(found["rank"]) if found else None
        self.stage: Optional[str] = found["stage"] if found else None
        self.where: Optional[str] = found["where"] if found else None
        sentences = _SENTENCE.split(self.cause)
        self.remedy: Optional[str] = sentences[-1] if len(sentences) > 1 else None
        self.java_trace = java_trace


@contextmanager
def penstock_errors() -> Iterator[None]:
    """Raises what Java threw as a PenstockError, if it is about Penstock."""
    try:
        yield
    except Exception as error:
        message, trace = _java_error(error)
        if message is None:
            raise
        raise PenstockError(message[:_MOST_CHARACTERS], trace) from None


def _java_error(error: Exception) -> Tuple[Optional[str], Optional[str]]:
    """Message and trace of a Java exception; nothing, if it is none or is Spark's own affair."""
    throwable = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if throwable is not None:
        return _of_chain(_chain(throwable)), _trace(throwable)
    if type(error).__module__ == "pyspark.errors.exceptions.connect":
        return _of_connect(error)
    return None, None


def _chain(throwable: Any) -> List[Any]:
    chain = []
    while throwable is not None and len(chain) < 20:
        chain.append(throwable)
        throwable = throwable.getCause()
    return chain


def _of_chain(chain: List[Any]) -> Optional[str]:
    for throwable in chain:
        if throwable.getClass().getName().startswith(_OURS):
            return str(throwable.getMessage())
    if chain[0].getClass().getName() in _SPEAKING:
        return str(chain[-1].getMessage() or chain[-1].getClass().getName())
    return None


def _of_connect(error: Any) -> Tuple[Optional[str], Optional[str]]:
    """A Connect server tells the outermost class, before the message or as that of the trace."""
    text = str(error)
    head, _, trace = text.partition("\n\nJVM stacktrace:\n")
    match = _JAVA_CLASS.match(head)
    name = match["name"] if match else trace.split("\n", 1)[0].split(":", 1)[0]
    if name.startswith(_OURS) or name in _SPEAKING:
        return (match["text"] if match else head).strip(), text
    return None, None


def _without_class(text: str) -> str:
    match = _JAVA_CLASS.match(text)
    return match["text"] if match else text


def _trace(throwable: Any) -> Optional[str]:
    from pyspark import SparkContext

    context = SparkContext._active_spark_context
    if context is None or context._jvm is None:
        return None
    writer = context._jvm.java.io.StringWriter()
    throwable.printStackTrace(context._jvm.java.io.PrintWriter(writer))
    return str(writer.toString())
