"""Converters of Param values: what cannot be meant is a TypeError here, not a failure later."""

from typing import Any, List

_INT_BITS = 32
_LONG_BITS = 64


def _whole(value: Any, bits: int) -> int:
    # numpy's integers have __index__; bool is an int for Python, floats are none for anybody.
    if isinstance(value, bool) or type(value).__name__ == "bool_" or not hasattr(value, "__index__"):
        raise TypeError(f"needs a whole number (int), but got {value!r} ({type(value).__name__})")
    whole = value.__index__()
    if not -(1 << bits - 1) <= whole < 1 << bits - 1:
        raise TypeError(f"needs a whole number of {bits} bits, but got {value!r}")
    return int(whole)


def toInt(value: Any) -> int:
    """A Java int."""
    return _whole(value, _INT_BITS)


def toLong(value: Any) -> int:
    """A Java long."""
    return _whole(value, _LONG_BITS)


def toFloat(value: Any) -> float:
    """A Java double."""
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__"):
        raise TypeError(f"needs a number (float), but got {value!r} ({type(value).__name__})")
    return float(value)


def toBoolean(value: Any) -> bool:
    """A Java boolean."""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return bool(value)
    raise TypeError(f"needs True or False, but got {value!r} ({type(value).__name__})")


def toString(value: Any) -> str:
    """A Java String."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"needs a str, but got {value!r} ({type(value).__name__})")


def toListString(value: Any) -> List[str]:
    """A Java array of Strings. PySpark knows by the name that it is to be a list."""
    if isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value):
        return [str(text) for text in value]
    raise TypeError(f"needs a list of str, but got {value!r}")
