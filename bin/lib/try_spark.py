"""What bin/try-spark does with a Spark: prints one line a step.

Arguments: the folder of the quickstart's data, and one to write into.
"""

import shutil
import sys
import time
from pathlib import Path

import penstock_spark

STEPS = 20
PROMPT = "In the beginning"


def main(data: Path, folder: Path) -> None:
    begin = time.monotonic()

    def tell(step: str, text: str) -> None:
        nonlocal begin
        now = time.monotonic()
        print(f"{step:9} {text}  {now - begin:.0f} s", flush=True)
        begin = now

    for name in ("model", "saved"):
        shutil.rmtree(folder / name, ignore_errors=True)
    spark = penstock_spark.session(2)
    scala = spark.sparkContext._jvm.scala.util.Properties.versionNumberString()
    tell("session", f"Spark {spark.version}, Scala {scala}")

    verses = spark.read.csv(str(data / "kjv.tsv.gz"), sep="\t", header=True).limit(300)
    trainer = penstock_spark.CausalLMTrainer(
        tokenizerPath=str(data),
        modelConfig=(data / "config.json").read_text(),
        seqLength=128,
        ppSize=2,
        ppMicrobatchSize=2,
        globalBatchSize=8,
        maxSteps=STEPS,
        learningRate=1e-3,
        seed=7,
        outputPath=str(folder / "model"),
    )
    trainer.setProgressLines(lambda line: None)
    model = trainer.fit(verses)
    losses = model.summary.objectiveHistory
    tell("fit", f"{len(losses)} steps, loss {losses[0]!r} to {losses[-1]!r}")

    model.write().overwrite().save(str(folder / "saved"))
    tell("save", str(folder / "saved"))
    loaded = penstock_spark.CausalLMModel.load(str(folder / "saved"))
    tell("load", loaded.uid)
    scored = loaded.transform(verses.limit(20))
    rows = scored.select("nll", "numTokens").collect()
    plan = scored._jdf.queryExecution().executedPlan().toString()
    how = "row by row" if "Generate" in plan else "in batches"
    tell("score", f"{len(rows)} rows {how}, the first {rows[0].nll:.6f}")
    tell("generate", repr(loaded.generate(PROMPT, 8)))
    spark.stop()


main(Path(sys.argv[1]), Path(sys.argv[2]))
