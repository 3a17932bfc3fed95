"""A fit that shows its progress where it was called, and that can be interrupted there."""

import html
import re
from queue import SimpleQueue
from typing import Any, Callable, List, Optional

_STEP = re.compile(r"step (\d+)/(\d+) ")
_SHOWN = 12


class Console:
    """Prints each line."""

    def __call__(self, line: str) -> None:
        print(line, flush=True)

    def close(self) -> None:
        """There is nothing to close."""


class Notebook:
    """A bar and the last lines, in the cell that runs."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html: Callable[[str], Any] = HTML
        self._lines: List[str] = []
        self._handle = display(HTML(self._page()), display_id=True)

    def __call__(self, line: str) -> None:
        self._lines.append(line)
        self._handle.update(self._html(self._page()))

    def _page(self) -> str:
        steps = [match for line in self._lines for match in [_STEP.match(line)] if match]
        done, total = steps[-1].groups() if steps else ("0", "1")
        text = html.escape("\n".join(self._lines[-_SHOWN:]))
        return (
            f'<progress value="{done}" max="{total}" style="width:24em"></progress>'
            f'<pre style="font-size:smaller">{text}</pre>'
        )

    def close(self) -> None:
        """The last lines stay in the cell."""


def show() -> Any:
    """What shows lines here: in a notebook's cell a bar, else the console."""
    try:
        from IPython import get_ipython

        shell = get_ipython()
    except ImportError:
        shell = None
    return Notebook() if hasattr(shell, "kernel") else Console()


class _Lines:
    """java.util.function.Consumer: takes the lines on py4j's thread."""

    def __init__(self, queue: "SimpleQueue[Optional[str]]") -> None:
        self._queue = queue

    def accept(self, line: str) -> None:
        self._queue.put(line)

    class Java:
        implements = ["java.util.function.Consumer"]


def fit(trainer: Any, frame: Any, lines_to: Callable[[str], None]) -> Any:
    """Fits a Java trainer, in a thread of its own, so that this one can show lines meanwhile.

    An interrupt of the caller (Ctrl-C, a notebook's stop button) cancels the fit; it is raised
    again once the ranks have left their executors.
    """
    from pyspark import InheritableThread, SparkContext
    from pyspark.java_gateway import ensure_callback_server_started

    context = SparkContext._active_spark_context
    assert context is not None and context._jvm is not None
    ensure_callback_server_started(context._gateway)
    queue: "SimpleQueue[Optional[str]]" = SimpleQueue()
    trainer.setProgressLines(_Lines(queue))
    threads: List[Any] = []
    outcome: List[Any] = []
    failure: List[BaseException] = []

    def run() -> None:
        try:
            threads.append(context._jvm.java.lang.Thread.currentThread())
            outcome.append(trainer.fit(frame))
        except BaseException as error:  # raised again by the caller
            failure.append(error)
        finally:
            queue.put(None)

    worker = InheritableThread(target=run, name="penstock-fit", daemon=True)
    worker.start()
    try:
        for line in iter(queue.get, None):
            lines_to(line)
    except BaseException:
        if threads:
            threads[0].interrupt()
        worker.join()
        raise
    worker.join()
    if failure:
        raise failure[0]
    return outcome[0]
