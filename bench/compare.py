"""Runs two benchmark commands in turn and prints the ratio of their tokens/s, pair by pair.

    python3 bench/compare.py --pairs 5 "COMMAND A" "COMMAND B"

Each command must print one JSON line with "tok_s"; with "losses" in both, their largest relative
difference is told too. Alternating them lets a machine whose speed drifts slow both alike.
"""
import argparse
import json
import statistics
import subprocess
import sys


def run(command):
    output = subprocess.run(command, shell=True, capture_output=True, text=True)
    for line in reversed(output.stdout.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    sys.exit(f"no JSON line from: {command}\n{output.stdout}\n{output.stderr}")


parser = argparse.ArgumentParser()
parser.add_argument("--pairs", type=int, default=5)
parser.add_argument("a")
parser.add_argument("b")
arguments = parser.parse_args()

pairs = [(run(arguments.a), run(arguments.b)) for _ in range(arguments.pairs)]
ratios = [a["tok_s"] / b["tok_s"] for a, b in pairs]
report = dict(
    a_tok_s=statistics.median(a["tok_s"] for a, _ in pairs),
    b_tok_s=statistics.median(b["tok_s"] for _, b in pairs),
    ratio=statistics.median(ratios), ratios=[round(r, 3) for r in ratios],
    a_rss_mb=[a.get("rss_mb") for a, _ in pairs][-1], b_rss_mb=[b.get("rss_mb") for _, b in pairs][-1])
a_losses, b_losses = pairs[-1][0].get("losses"), pairs[-1][1].get("losses")
if a_losses and b_losses and len(a_losses) == len(b_losses):
    report["losses_differ"] = max(abs(x - y) / abs(y) for x, y in zip(a_losses, b_losses))
print(json.dumps(report))
