"""The notebooks: their source in Databricks' format, and what Jupyter opens.

``python notebooks.py check FOLDER`` executes every notebook.py top to bottom and compares the cells
of notebook.ipynb with it; ``write`` makes the .ipynb anew, with the outputs of this run.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor

HEADER = "# Databricks notebook source\n"
SEPARATOR = "\n\n# COMMAND ----------\n\n"
MAGIC = "# MAGIC "
SECONDS = 900
# What differs from run to run, or is of one machine.
VOLATILE = [
    (re.compile(r"(/tmp|/var/folders)/[\w./-]+"), "/tmp/..."),
    (re.compile(r"http://127\.0\.0\.1:\d+/"), "http://127.0.0.1:41235/"),
]


def cells(source):
    assert source.startswith(HEADER), "not a Databricks notebook"
    for text in source[len(HEADER) :].strip("\n").split(SEPARATOR):
        lines = text.split("\n")
        if lines[0].strip() == "# MAGIC %md":
            yield nbformat.v4.new_markdown_cell("\n".join(line[len(MAGIC) :] for line in lines[1:]))
        else:
            yield nbformat.v4.new_code_cell(text)


def notebook(path):
    made = nbformat.v4.new_notebook(cells=list(cells(path.read_text())))
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def execute(made):
    with tempfile.TemporaryDirectory() as folder:
        ExecutePreprocessor(timeout=SECONDS, kernel_name="python3").preprocess(
            made, {"metadata": {"path": folder}}
        )


def tidy(made):
    """Leaves what a reader wants to see."""
    for cell in made.cells:
        cell.metadata = {}
        cell["outputs"] = [o for o in cell.get("outputs", []) if o.get("name") != "stderr"] if cell.cell_type == "code" else None
        if cell.cell_type != "code":
            del cell["outputs"]
            continue
        for output in cell.outputs:
            output.get("metadata", {}).clear()
            for bundle in (output, output.get("data", {})):
                for key, value in bundle.items():
                    if isinstance(value, str):
                        for pattern, calm in VOLATILE:
                            value = pattern.sub(calm, value)
                        bundle[key] = value


def main(command, folder, *names):
    sources = sorted(Path(folder).glob("*.py"))
    assert sources, folder
    for source in sources:
        if names and source.stem not in names:
            continue
        made = notebook(source)
        kept = source.with_suffix(".ipynb")
        print("executes", source.name, flush=True)
        execute(made)
        if command == "write":
            tidy(made)
            made.metadata.pop("language_info", None)
            nbformat.write(made, kept)
            continue
        shown = [cell.source for cell in nbformat.read(kept, as_version=4).cells]
        wanted = [cell.source for cell in made.cells]
        assert shown == wanted, f"{kept.name} is not made from {source.name}: write it anew"


if __name__ == "__main__":
    os.environ.pop("SPARK_HOME", None)
    main(*sys.argv[1:])
