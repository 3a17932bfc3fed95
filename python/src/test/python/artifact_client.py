"""One user of a Connect server without Penstock's jars: brings them along, trains, scores, generates.

``python artifact_client.py URL OUTPUT PPSIZE`` prints the losses and what was computed of the model.
"""

import json
import sys

from pyspark.sql import SparkSession

import penstock_spark
from penstock_spark import CausalLMTrainer
from small import params, verses


def main(url, output, pp_size):
    spark = SparkSession.builder.remote(url).getOrCreate()
    spark.addArtifacts(*penstock_spark.jars())
    texts = verses(spark)
    model = CausalLMTrainer(**params(ppSize=int(pp_size), outputPath=output)).fit(texts)
    print(
        json.dumps(
            {
                "losses": model.summary.objectiveHistory,
                "nll": [row.nll for row in model.transform(texts.limit(3)).collect()],
                "text": model.generate("In the beginning", 5),
            }
        )
    )
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
