"""Evaluates JSONata expressions as AWS Step Functions does.

Reads a JSON list of {"expression", "variables"} and writes a list of {"value"} or {"error"}.
"""
import json
import sys

from jsonata.jsonata import Jsonata


def evaluate(case):
    try:
        expression = Jsonata(case["expression"])
        frame = expression.create_frame()
        for name, value in case["variables"].items():
            frame.bind(name, value)
        return {"value": expression.evaluate(None, frame)}
    except Exception as error:  # whatever Step Functions would fail the execution for
        return {"error": str(error)}


json.dump([evaluate(case) for case in json.load(sys.stdin)], sys.stdout)
