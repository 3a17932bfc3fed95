"""Sums up the XML reports of surefire and failsafe.

Arguments: commands that failed. Fails if there are any, if a test failed or if none ran. A command
that failed without a failed test, for it did not come that far, counts as one.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    for tag in ("failure", "error", "skipped"):
        if case.find(tag) is not None:
            return tag
    return "passed"


def main():
    totals = dict.fromkeys(("passed", "failure", "error", "skipped"), 0)
    here = pathlib.Path(".")
    reports = [file for depth in ("*", "*/*") for file in here.glob(f"{depth}/target/*-reports/TEST-*.xml")]
    for report in sorted(reports):
        suite = ElementTree.parse(report).getroot()
        counts = dict.fromkeys(totals, 0)
        for case in suite.iter("testcase"):
            result = outcome(case)
            counts[result] += 1
            if result in ("failure", "error"):
                print(f"FAILED {case.get('classname')}.{case.get('name')}")
        print(
            f"{sum(counts.values()):5d} tests {float(suite.get('time').replace(',', '')):7.1f} s  "
            f"{report.parents[2]}: {suite.get('name')}"
        )
        for result, count in counts.items():
            totals[result] += count
    commands = sys.argv[1:]
    for command in commands:
        print(f"FAILED command: {command}")
    run = sum(totals.values())
    failed = max(totals["failure"] + totals["error"], len(commands))
    print(
        f"\nTests run: {run}, Failures: {totals['failure']}, "
        f"Errors: {totals['error']}, Skipped: {totals['skipped']}"
    )
    print(f"{totals['passed']} passed, {failed} failed, {totals['skipped']} skipped")
    return 1 if failed or not totals["passed"] else 0


sys.exit(main())
