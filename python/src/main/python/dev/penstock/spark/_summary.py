"""What a summary shows."""

import html
import math
from typing import Any, Dict, List

_WIDTH = 480
_HEIGHT = 120


class SummaryValues:
    """What the generated TrainingSummary reads its values from.

    ``pandas.DataFrame(summary.history)`` is a table of the steps.
    """

    def __init__(self, values: Dict[str, Any], files: Any) -> None:
        self._values = values
        self._files = files

    def reportHtml(self) -> str:
        """The page of the fit, ``report.html`` beside the model."""
        return str(self._files.reportHtml())

    def displayHTML(self) -> None:
        """Shows the page of the fit in a notebook's cell."""
        from IPython.display import HTML, display

        display(HTML(self._repr_html_()))

    def plotLoss(self, path: str) -> None:
        """Draws the loss of each step and of the validations into a file .svg or .png."""
        self._files.plotLoss(path)

    def plotTimeline(self, path: str) -> None:
        """Copies the drawing of the last pipeline step below its plan to a file .svg or .png."""
        self._files.plotTimeline(path)

    @property
    def history(self) -> Dict[str, List[Any]]:
        """One list for each column of a table of the steps."""
        losses = self._numbers("objectiveHistory")
        return {
            "step": list(range(1, len(losses) + 1)),
            "loss": losses,
            "gradNorm": self._numbers("gradNormHistory"),
            "learningRate": self._numbers("learningRateHistory"),
            "seconds": self._numbers("stepSeconds"),
            "dataSeconds": self._numbers("dataSeconds"),
            "peakBytes": list(self._values["peakBytesHistory"]),
        }

    def _numbers(self, name: str) -> List[float]:
        return [float(value) for value in self._values[name]]  # JSON has NaN as a string

    def __repr__(self) -> str:
        losses = self._numbers("objectiveHistory") or [math.nan]
        return (
            f"TrainingSummary({len(losses)} steps, loss {losses[0]:.4f} to {losses[-1]:.4f},"
            f" perplexity {float(self._values['perplexity']):.2f},"
            f" {float(self._values['tokensPerSecond']):,.0f} tokens/s)"
        )

    def _repr_html_(self) -> str:
        try:
            page = html.escape(self.reportHtml(), quote=True)
        except Exception:  # the folder is gone; a notebook shows what it can
            return self._short_html()
        style = "border:0;width:100%;height:960px"
        return f'<iframe srcdoc="{page}" style="{style}" title="{html.escape(repr(self))}"></iframe>'

    def _short_html(self) -> str:
        losses = [loss for loss in self._numbers("objectiveHistory") if math.isfinite(loss)]
        stages = html.escape(str(self._values["stageTable"]))
        return f"<div>{html.escape(repr(self))}</div>{_curve(losses)}<pre>{stages}</pre>"


def _curve(values: List[float]) -> str:
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    points = " ".join(
        f"{i * _WIDTH / (len(values) - 1):.1f},{_HEIGHT * (high - value) / span:.1f}"
        for i, value in enumerate(values)
    )
    return (
        f'<svg viewBox="-4 -4 {_WIDTH + 8} {_HEIGHT + 8}" width="{_WIDTH}" role="img"'
        f' aria-label="loss from {high:.4f} to {low:.4f}"><polyline points="{points}" fill="none"'
        ' stroke="#2a78c2" stroke-width="2"/></svg>'
    )
