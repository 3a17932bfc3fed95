"""A Connect server on a cluster, as ``start-connect-server.sh`` starts it, without Penstock's jars.

Each session adds them itself, so driver and executors load them, and their natives, once for each.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import pyspark

CLIENT = str(Path(__file__).with_name("artifact_client.py"))
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
SPARK = Path(pyspark.__file__).parent


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def is_open(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class ArtifactTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        # Where the workers of a local cluster keep the jars of each session.
        cls.addClassCleanup(shutil.rmtree, SPARK / "work", ignore_errors=True)
        port = free_port()
        cls.url = f"sc://127.0.0.1:{port}"
        settings = {
            "spark.master": "local-cluster[2,1,1024]",
            "spark.connect.grpc.binding.address": "127.0.0.1",
            "spark.connect.grpc.binding.port": port,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
        }
        command = [str(SPARK / "bin" / "spark-submit"), "--class", SERVER]
        for key, value in settings.items():
            command += ["--conf", f"{key}={value}"]
        cls.log = cls.folder / "server.log"
        with open(cls.log, "wb") as log:
            server = subprocess.Popen(
                [*command, "spark-internal"],
                stdout=log,
                stderr=log,
                cwd=cls.folder,
                env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
            )
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        while not is_open(port):
            assert server.poll() is None, cls.log.read_text()
            time.sleep(0.1)

    def client(self, name, pp_size):
        command = [sys.executable, "-W", "ignore", CLIENT, self.url, str(self.folder / name), pp_size]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self, client):
        out, err = client.communicate()
        self.assertEqual(client.returncode, 0, err + self.log.read_text()[-4000:])
        return json.loads(out.splitlines()[-1])

    def test_sessions_that_add_the_jars_train_side_by_side_and_one_after_the_other(self):
        first, second = [self.result(c) for c in [self.client("a", "1"), self.client("b", "1")]]
        self.assertEqual(first, second)
        self.assertLess(first["losses"][-1], first["losses"][0])
        third = self.result(self.client("c", "2"))
        self.assertEqual(third["text"], first["text"])
        for ours, theirs in zip(third["losses"] + third["nll"], first["losses"] + first["nll"]):
            self.assertAlmostEqual(ours, theirs, places=4)


if __name__ == "__main__":
    unittest.main()
