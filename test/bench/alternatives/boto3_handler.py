"""A custom resource's function as it is commonly written with boto3, run once: boto3_handler.py < EVENT"""

import json
import sys
import urllib.request

import boto3

bedrock = boto3.client("bedrock")


def handler(event, _context):
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer["PhysicalResourceId"] = "bedrock-model-invocation-logging"
    try:
        config = json.loads(event["ResourceProperties"]["LoggingConfiguration"])
        bedrock.put_model_invocation_logging_configuration(loggingConfig=config)
        answer["Status"] = "SUCCESS"
    except Exception as error:
        answer.update(Status="FAILED", Reason=str(error))
    body = json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], body, method="PUT"))


handler(json.load(sys.stdin), None)
