"""The Scala notebook, top to bottom in ``spark-shell``, with the jars of the wheel.

``python scala_notebook.py NOTEBOOK`` reads some of its rows and makes a few of its steps.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pyspark

import penstock_spark

SHORTER = {".setMaxSteps(400)": ".setMaxSteps(4)", 'kjv.tsv.gz")': 'kjv.tsv.gz").limit(2000)'}
# What Databricks has.
HEAD = """
object dbutils {
  object widgets {
    def text(name: String, default: String): Unit = ()
    def get(name: String): String = Map("data" -> "%s", "output" -> "%s")(name)
  }
}
def display(frame: org.apache.spark.sql.Dataset[_]): Unit = frame.show(3)
"""
END = 'println("THE END " + loaded.generate("In the beginning", 3))\n'


def main(notebook):
    source = Path(notebook).read_text()
    for text, shorter in SHORTER.items():
        assert source.count(text) == 1, text
        source = source.replace(text, shorter)
    shell = Path(pyspark.__file__).parent / "bin" / "spark-shell"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "notebook.scala"
        head = HEAD % (os.environ["PENSTOCK_DATA"], folder + "/model")
        script.write_text(head + source + "\n" + END)
        command = [str(shell), "--master", "local[2]", "--jars", ",".join(penstock_spark.jars())]
        command += ["--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.ui.enabled=false"]
        ran = subprocess.run(
            [*command, "-i", str(script)],
            stdin=subprocess.DEVNULL,  # it ends there
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    print(ran.stdout)
    assert "THE END " in ran.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
