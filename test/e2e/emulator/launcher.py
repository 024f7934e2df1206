"""Starts MiniStack on 127.0.0.1, completed with what the paper trail's templates need.

MiniStack 1.5.33 deploys most of them as it stands. This file adds, through the emulator's own
service functions so that the AWS APIs then show it, and nothing else:

  AWS::Athena::NamedQuery, AWS::Bedrock::ApplicationInferenceProfile, AWS::Budgets::Budget,
  AWS::Logs::QueryDefinition
                            the whole types
  AWS::CE::AnomalyMonitor, AWS::CE::AnomalySubscription
                            accepted, and shown by no API: the emulator has no Cost Explorer
  AWS::CloudTrail::Trail    the whole type, import of an existing one included
  AWS::CloudWatch::Alarm    Metrics (metric math, Metrics Insights, anomaly bands)
  AWS::CloudWatch::CompositeAlarm
                            the whole type
  AWS::Lambda::Function     ReservedConcurrentExecutions; the function knows its log group
  AWS::Logs::LogGroup       DeletionProtectionEnabled, DataProtectionPolicy;
                            a name that is taken, or a protected group's deletion, fails
  AWS::S3::Bucket           BucketEncryption, LifecycleConfiguration, LoggingConfiguration,
                            ObjectLockEnabled, ObjectLockConfiguration, OwnershipControls, Tags;
                            deleting a bucket that holds objects fails
  AWS::SNS::Subscription    an e-mail subscription waits for its confirmation
  AWS::SNS::Topic           KmsMasterKeyId

and these operations of the services:

  Athena, Step Functions    what the ledger needs: see ledger_engine.py
  CloudFormation            Fn::GetStackOutput with a Region; names it makes up differ between Regions, as
                            stacks of one name would share an IAM role; a custom resource's ResponseURL
                            leads through the endpoint that its function calls, and one whose creation
                            fails is deleted; a change set may change nothing but outputs
  CloudTrail                PutInsightSelectors, GetInsightSelectors
  CloudWatch                ListDashboards gives its times in the form that the Go SDK reads
  CloudWatch Logs           PutDataProtectionPolicy, GetDataProtectionPolicy,
                            PutLogGroupDeletionProtection, DescribeQueryDefinitions
  S3                        a write with SSE-KMS that names no key takes AWS's own key
  policies, when enforced   the condition keys s3:object-lock-remaining-retention-days and
                            cloudwatch:namespace (of the query protocol);
                            aws:PrincipalArn of a role's session is the role's ARN;
                            the ARN of a rule of the default event bus does not name the bus
  Bedrock                   PutModelInvocationLoggingConfiguration looks for its log group, role and
                            buckets with their policies, as AWS does, and stores flags left out as on
"""

import json
import os
import re
import uuid
from datetime import datetime, timezone
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

# Read by MiniStack while it is imported: loopback only, no second listener, nothing kept on disk.
os.environ.update(BIND_HOST="127.0.0.1", MINISTACK_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0",
                  PERSIST_STATE="0", S3_PERSIST="0", LOCALSTACK_PERSISTENCE="0")

import ledger_engine
from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, request_scope
from ministack.services import (
    athena, bedrock, budgets, cloudtrail, cloudwatch, cloudwatch_logs, iam, lambda_svc, s3, sns,
)
from ministack.services.cloudformation import changesets, custom_resource, engine, provisioners
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as TYPES

S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
FLAGS = ("text", "image", "embedding", "video", "audio")


def check(answer, what):
    """The parsed body of a service's answer; a refusal fails the stack with the service's message."""
    status, _headers, body = answer
    if status >= 400:
        text = body.decode() if isinstance(body, bytes) else str(body)
        raise ValueError(f"{what}: {text}")
    return json.loads(body) if body and body[:1] in (b"{", "{") else {}


def truth(value):
    return str(value).lower() == "true"


def after(resource_type, apply):
    """Calls apply(physical_id, props) when the emulator's own handler has created or updated the resource."""
    handler = TYPES[resource_type]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def create_then_apply(logical_id, props, stack_name):
        physical_id, attributes = create(logical_id, props, stack_name)
        try:
            apply(physical_id, props)
        except ValueError:
            delete(physical_id, props)
            raise
        return physical_id, attributes

    def update_then_apply(physical_id, old_props, props, stack_name, *logical_id):
        physical_id, attributes = update(physical_id, old_props, props, stack_name, *logical_id)
        apply(physical_id, props)
        return physical_id, attributes

    handler["create"], handler["update"] = create_then_apply, update_then_apply


# --- S3 -------------------------------------------------------------------------------------------

def xml(name, value):
    """A value as S3's request XML: dicts become children, a list the same element several times."""
    if isinstance(value, list):
        return "".join(xml(name, item) for item in value)
    if isinstance(value, dict):
        inner = "".join(xml(k, v) for k, v in value.items() if v is not None)
    else:
        inner = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def document(name, value):
    return xml(name, value).replace(f"<{name}>", f'<{name} xmlns="{S3_NAMESPACE}">', 1).encode()


def encryption(props):
    return document("ServerSideEncryptionConfiguration", {"Rule": [{
        "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
        "BucketKeyEnabled": truth(rule.get("BucketKeyEnabled", False)),
    } for rule in props["ServerSideEncryptionConfiguration"]]})


def lifecycle(props):
    def rule(r):
        noncurrent = r.get("NoncurrentVersionExpiration")
        if noncurrent is None and "NoncurrentVersionExpirationInDays" in r:
            noncurrent = {"NoncurrentDays": r["NoncurrentVersionExpirationInDays"]}
        expiration = {}
        if "ExpirationInDays" in r:
            expiration["Days"] = r["ExpirationInDays"]
        if "ExpiredObjectDeleteMarker" in r:
            expiration["ExpiredObjectDeleteMarker"] = truth(r["ExpiredObjectDeleteMarker"])
        return {
            "ID": r.get("Id"),
            "Status": r["Status"],
            "Filter": {"Prefix": r.get("Prefix", "")},
            "Transition": [{"Days": t["TransitionInDays"], "StorageClass": t["StorageClass"]}
                           for t in r.get("Transitions", [])],
            "NoncurrentVersionTransition": [{"NoncurrentDays": t["TransitionInDays"], "StorageClass": t["StorageClass"]}
                                            for t in r.get("NoncurrentVersionTransitions", [])],
            "Expiration": expiration or None,
            "NoncurrentVersionExpiration": noncurrent,
            "AbortIncompleteMultipartUpload": r.get("AbortIncompleteMultipartUpload"),
        }
    return document("LifecycleConfiguration", {"Rule": [rule(r) for r in props["Rules"]]})


def access_logging(props):
    return document("BucketLoggingStatus", {"LoggingEnabled": {
        "TargetBucket": props["DestinationBucketName"], "TargetPrefix": props.get("LogFilePrefix", ""),
    }})


def ownership(props):
    return document("OwnershipControls", {"Rule": props["Rules"]})


def bucket_settings(name, props):
    if truth(props.get("ObjectLockEnabled", False)):
        lock = {"ObjectLockEnabled": "Enabled", **props.get("ObjectLockConfiguration", {})}
        check(s3._put_object_lock_configuration(name, document("ObjectLockConfiguration", lock)), "Object Lock")
    for prop, body, put, delete in (
        ("BucketEncryption", encryption, s3._put_bucket_encryption, s3._delete_bucket_encryption),
        ("LifecycleConfiguration", lifecycle, s3._put_bucket_lifecycle, s3._delete_bucket_lifecycle),
        ("OwnershipControls", ownership, s3._put_bucket_ownership_controls, s3._delete_bucket_ownership_controls),
        ("LoggingConfiguration", access_logging, s3._put_bucket_logging,
         lambda bucket: s3._put_bucket_logging(bucket, document("BucketLoggingStatus", {}))),
    ):
        check(put(name, body(props[prop])) if prop in props else delete(name), prop)
    tags = document("Tagging", {"TagSet": {"Tag": props.get("Tags", [])}})
    check(s3._put_bucket_tagging(name, tags), "Tags")


def delete_bucket(name, _props):
    if name in s3._buckets:
        check(s3._delete_bucket(name), f"bucket {name}")


def write_encryption(headers, bucket, resolve=s3._resolve_sse_write_headers):
    key = "x-amz-server-side-encryption-aws-kms-key-id"
    if headers.get("x-amz-server-side-encryption") == "aws:kms" and not headers.get(key):
        headers = {**headers, key: f"arn:aws:kms:{get_region()}:{get_account_id()}:alias/aws/s3"}
    return resolve(headers, bucket)


s3._resolve_sse_write_headers = write_encryption
after("AWS::S3::Bucket", bucket_settings)
TYPES["AWS::S3::Bucket"]["delete"] = delete_bucket
provisioners._STACK_TAG_PROPERTY["AWS::S3::Bucket"] = ("Tags", "list")


# --- policies -------------------------------------------------------------------------------------

def remaining_retention(until):
    left = datetime.fromisoformat(until.replace("Z", "+00:00")) - datetime.now(timezone.utc)
    return {"s3:object-lock-remaining-retention-days": str(left.days)}


def s3_context(action, query_params, path="", headers=None, context=iam_actions.s3_service_context):
    until = (headers or {}).get("x-amz-object-lock-retain-until-date")
    asked = remaining_retention(until) if action == "s3:PutObject" and until else {}
    return {**context(action, query_params, path, headers), **asked}


def body_context(service, action, body, params, context=iam_actions.request_tag_context):
    until = re.search(r"<RetainUntilDate>([^<]+)<", body.decode()) if action == "s3:PutObjectRetention" else None
    asked = remaining_retention(until[1]) if until else {}
    if action == "cloudwatch:PutMetricData":
        asked = {"cloudwatch:namespace": parse_qs(body.decode(errors="replace")).get("Namespace", [""])[0]}
    return {**context(service, action, body, params), **asked}


def condition_value(key, request, resolve=iam_evaluator._resolve_condition_key):
    value = resolve(key, request)
    if key.lower() == "aws:principalarn" and ":assumed-role/" in value:
        return iam._roles[value.split("/")[1]]["Arn"]
    return value


def resource_arn(service, *request, resource=iam_actions.extract_resource_arn):
    arn = resource(service, *request)
    return arn.replace(":rule/default/", ":rule/") if service == "events" else arn


iam_actions.extract_resource_arn = resource_arn
iam_actions.s3_service_context = s3_context
iam_actions.request_tag_context = body_context
iam_evaluator._resolve_condition_key = condition_value


# --- CloudWatch Logs ------------------------------------------------------------------------------

def log_group_settings(name, props):
    group = cloudwatch_logs._log_groups[name]
    group["deletionProtectionEnabled"] = truth(props.get("DeletionProtectionEnabled", False))
    group["dataProtectionPolicy"] = props.get("DataProtectionPolicy")


def create_log_group(logical_id, props, stack_name, create=TYPES["AWS::Logs::LogGroup"]["create"]):
    if props.get("LogGroupName") in cloudwatch_logs._log_groups:
        raise ValueError(f"Resource of type 'AWS::Logs::LogGroup' with identifier "
                         f"'{props['LogGroupName']}' already exists.")
    return create(logical_id, props, stack_name)


def delete_log_group(name, _props):
    if name in cloudwatch_logs._log_groups:
        check(cloudwatch_logs._delete_log_group({"logGroupName": name}), f"log group {name}")


TYPES["AWS::Logs::LogGroup"].update(create=create_log_group, delete=delete_log_group)
after("AWS::Logs::LogGroup", log_group_settings)


def refuse_protected(data, delete=cloudwatch_logs._delete_log_group):
    if cloudwatch_logs._log_groups.get(data.get("logGroupName"), {}).get("deletionProtectionEnabled"):
        return error_response_json("ValidationException", "Log group is protected from deletion.", 400)
    return delete(data)


def describe_log_groups(data, describe=cloudwatch_logs._describe_log_groups):
    status, headers, body = describe(data)
    if status != 200:
        return status, headers, body
    answer = json.loads(body)
    for entry in answer["logGroups"]:
        group = cloudwatch_logs._log_groups[entry["logGroupName"]]
        entry["deletionProtectionEnabled"] = group.get("deletionProtectionEnabled", False)
        if group.get("dataProtectionPolicy"):
            entry["dataProtectionStatus"] = "ACTIVATED"
    return json_response(answer)


def log_group_of(data):
    name = data["logGroupIdentifier"]
    return cloudwatch_logs._log_groups.get(name.split(":log-group:")[-1].removesuffix(":*"))


def put_data_protection(data, group):
    group["dataProtectionPolicy"] = json.loads(data["policyDocument"])
    return get_data_protection(data, group)


def get_data_protection(data, group):
    policy = group.get("dataProtectionPolicy")
    answer = {"logGroupIdentifier": data["logGroupIdentifier"]}
    return json_response({**answer, "policyDocument": json.dumps(policy)} if policy else answer)


def put_deletion_protection(data, group):
    group["deletionProtectionEnabled"] = data["deletionProtectionEnabled"]
    return json_response({})


LOGS_OPERATIONS = {
    "PutDataProtectionPolicy": put_data_protection,
    "GetDataProtectionPolicy": get_data_protection,
    "PutLogGroupDeletionProtection": put_deletion_protection,
}


QUERIES = {}  # by account and Region, then by id


def queries():
    return QUERIES.setdefault((get_account_id(), get_region()), {})


def put_query(query_id, props):
    queries()[query_id] = {"queryDefinitionId": query_id, "name": props["Name"], "queryString": props["QueryString"],
                           "logGroupNames": props.get("LogGroupNames", [])}
    return query_id, {"QueryDefinitionId": query_id}


TYPES["AWS::Logs::QueryDefinition"] = {
    "create": lambda logical_id, props, stack_name: put_query(str(uuid.uuid4()), props),
    "update": lambda query_id, old_props, props, *where: put_query(query_id, props),
    "delete": lambda query_id, props: queries().pop(query_id, None),
}


async def logs_request(method, path, headers, body, query_params, handle=cloudwatch_logs.handle_request):
    name = headers.get("x-amz-target", "").split(".")[-1]
    if name == "DescribeQueryDefinitions":
        return json_response({"queryDefinitions": list(queries().values())})
    operation = LOGS_OPERATIONS.get(name)
    if operation is None:
        return await handle(method, path, headers, body, query_params)
    data = json.loads(body)
    group = log_group_of(data)
    if group is None:
        return error_response_json("ResourceNotFoundException", "The specified log group does not exist.", 400)
    return operation(data, group)


cloudwatch_logs._delete_log_group = refuse_protected
cloudwatch_logs._describe_log_groups = describe_log_groups
cloudwatch_logs.handle_request = logs_request


# --- CloudTrail -----------------------------------------------------------------------------------

INSIGHTS = {}


def trail_request(props):
    """The properties as CreateTrail and UpdateTrail spell them; what is left out is reset."""
    return {
        "S3BucketName": props["S3BucketName"],
        "S3KeyPrefix": props.get("S3KeyPrefix", ""),
        "SnsTopicName": props.get("SnsTopicName", ""),
        "IncludeGlobalServiceEvents": truth(props.get("IncludeGlobalServiceEvents", False)),
        "IsMultiRegionTrail": truth(props.get("IsMultiRegionTrail", False)),
        "EnableLogFileValidation": truth(props.get("EnableLogFileValidation", False)),
        "IsOrganizationTrail": truth(props.get("IsOrganizationTrail", False)),
        "KmsKeyId": props.get("KMSKeyId", ""),
        "CloudWatchLogsLogGroupArn": props.get("CloudWatchLogsLogGroupArn", ""),
        "CloudWatchLogsRoleArn": props.get("CloudWatchLogsRoleArn", ""),
    }


def trail_settings(name, props):
    if not s3._bucket_policies.get(props["S3BucketName"]):
        raise ValueError(f"Incorrect S3 bucket policy is detected for bucket: {props['S3BucketName']}")
    updated = check(cloudtrail._update_trail({"Name": name, **trail_request(props)}), "trail")
    selectors = {k: props[k] for k in ("EventSelectors", "AdvancedEventSelectors") if props.get(k)}
    if selectors:
        check(cloudtrail._put_event_selectors({"TrailName": name, **selectors}), "event selectors")
    put_insights({"TrailName": name, "InsightSelectors": props.get("InsightSelectors", [])})
    cloudtrail._trail_tags[updated["TrailARN"]] = {t["Key"]: t["Value"] for t in props.get("Tags", [])}
    toggle = cloudtrail._start_logging if truth(props["IsLogging"]) else cloudtrail._stop_logging
    check(toggle({"Name": name}), "IsLogging")


def create_trail(logical_id, props, stack_name):
    name = props.get("TrailName") or provisioners._physical_name(stack_name, logical_id, max_len=128)
    created = check(cloudtrail._create_trail({"Name": name, **trail_request(props)}), "trail")
    return name, {"Arn": created["TrailARN"]}


def update_trail(name, old_props, props, stack_name, logical_id):
    if old_props.get("TrailName") != props.get("TrailName"):
        created = create_trail(logical_id, props, stack_name)
        provisioners._delete_predecessor(delete_trail, name, old_props)
        return created
    return name, {"Arn": cloudtrail._trail_arn(name)}


def delete_trail(name, _props):
    check(cloudtrail._delete_trail({"Name": name}), "trail")


def import_trail(identifier):
    name = identifier["TrailName"]
    return name, {"Arn": cloudtrail._trail_arn(name)}


def trail_import_problem(name):
    if name not in cloudtrail._trails:
        return changesets._IMPORT_NOT_FOUND.format(type="AWS::CloudTrail::Trail", value=name)


def put_insights(body):
    trail = check(cloudtrail._get_trail({"Name": body["TrailName"]}), "trail")["Trail"]
    INSIGHTS[trail["TrailARN"]] = body["InsightSelectors"]
    cloudtrail._trails[trail["Name"]]["HasInsightSelectors"] = bool(body["InsightSelectors"])
    return get_insights(body)


def get_insights(body):
    trail = check(cloudtrail._get_trail({"Name": body["TrailName"]}), "trail")["Trail"]
    selectors = INSIGHTS.get(trail["TrailARN"])
    if not selectors:
        return cloudtrail._err("InsightNotEnabledException", f"Trail {body['TrailName']} has no Insights selectors.")
    return cloudtrail._ok({"TrailARN": trail["TrailARN"], "InsightSelectors": selectors})


TYPES["AWS::CloudTrail::Trail"] = {
    "create": create_trail, "update": update_trail, "update_with_logical_id": True, "delete": delete_trail,
    "import": import_trail,
}
changesets._IMPORT_LOOKUPS["AWS::CloudTrail::Trail"] = (("TrailName",), trail_import_problem)
after("AWS::CloudTrail::Trail", trail_settings)
provisioners._STACK_TAG_PROPERTY["AWS::CloudTrail::Trail"] = ("Tags", "list")
cloudtrail._DISPATCH.update(PutInsightSelectors=put_insights, GetInsightSelectors=get_insights)


# --- Costs ------------------------------------------------------------------------------------------

def create_profile(logical_id, props, stack_name):
    request = {
        "inferenceProfileName": props["InferenceProfileName"],
        "description": props.get("Description", ""),
        "modelSource": {"copyFrom": props["ModelSource"]["CopyFrom"]},
        "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in props.get("Tags", [])],
    }
    arn = check(bedrock._create_inference_profile(json.dumps(request).encode()), "inference profile")["inferenceProfileArn"]
    return arn, {"InferenceProfileArn": arn, "InferenceProfileId": arn.split("/")[-1], "Status": "ACTIVE"}


def delete_profile(arn, _props):
    check(bedrock._delete_inference_profile(arn.split("/")[-1]), "inference profile")


def replaced(create, delete):
    """An update as a creation and a deletion."""
    def update(physical_id, old_props, props, stack_name, logical_id):
        created = create(logical_id, props, stack_name)
        delete(physical_id, old_props)
        return created
    return update


def put_budget(name, props):
    budget = {**props["Budget"], "BudgetName": name}
    budget["BudgetLimit"] = {**budget["BudgetLimit"], "Amount": str(budget["BudgetLimit"]["Amount"])}
    for entry in props.get("NotificationsWithSubscribers", []):
        entry["Notification"]["Threshold"] = float(entry["Notification"]["Threshold"])
    check(budgets._create_budget({
        "AccountId": get_account_id(), "Budget": budget, "ResourceTags": props.get("ResourceTags", []),
        "NotificationsWithSubscribers": props.get("NotificationsWithSubscribers", []),
    }), f"budget {name}")
    return name, {}


def create_budget(logical_id, props, stack_name):
    return put_budget(provisioners._physical_name(stack_name, logical_id, max_len=100), props)


def update_budget(name, old_props, props, *_where):
    delete_budget(name, old_props)
    return put_budget(name, props)


def delete_budget(name, _props):
    check(budgets._delete_budget({"AccountId": get_account_id(), "BudgetName": name}), f"budget {name}")


def anomaly(kind, attribute):
    def create(_logical_id, _props, _stack_name):
        arn = f"arn:aws:ce::{get_account_id()}:{kind}/{uuid.uuid4()}"
        return arn, {attribute: arn}
    return {"create": create, "update": lambda arn, *_rest: (arn, {attribute: arn}), "delete": lambda *_rest: None}


TYPES["AWS::Bedrock::ApplicationInferenceProfile"] = {
    "create": create_profile, "update": replaced(create_profile, delete_profile), "delete": delete_profile}
TYPES["AWS::Budgets::Budget"] = {"create": create_budget, "update": update_budget, "delete": delete_budget}
TYPES["AWS::CE::AnomalyMonitor"] = anomaly("anomalymonitor", "MonitorArn")
TYPES["AWS::CE::AnomalySubscription"] = anomaly("anomalysubscription", "SubscriptionArn")


# --- CloudWatch, Lambda, SNS ----------------------------------------------------------------------

def alarm_record(name, props, record=provisioners._cw_metric_alarm_record):
    if not props.get("Metrics"):
        return record(name, props)
    band = props.get("ThresholdMetricId")
    alarm = record(name, {**props, "Metrics": None, "MetricName": "-", "Namespace": "-",
                          **({"Threshold": 0} if band else {})})
    for single in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit"):
        alarm.pop(single, None)
    if band:
        alarm["ThresholdMetricId"] = band
        alarm.pop("Threshold", None)
    return {**alarm, "Metrics": props["Metrics"]}


def put_composite_alarm(name, props):
    request = {**props, "AlarmName": name, "Tags": None}
    check(cloudwatch._put_composite_alarm({}, request, False, True), f"composite alarm {name}")
    cloudwatch.cloudformation_set_metric_alarm_tags(name, props.get("Tags", []))
    return name, {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}


def create_composite_alarm(logical_id, props, stack_name):
    return put_composite_alarm(
        props.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255), props)


def update_composite_alarm(name, old_props, props, stack_name, logical_id):
    if old_props.get("AlarmName") == props.get("AlarmName"):
        return put_composite_alarm(name, props)
    created = create_composite_alarm(logical_id, props, stack_name)
    provisioners._delete_predecessor(delete_composite_alarm, name, old_props)
    return created


def delete_composite_alarm(name, _props):
    check(cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, True), f"composite alarm {name}")


def list_dashboards(params, cbor_data, is_cbor, is_json=False, answer=cloudwatch._list_dashboards):
    if not is_cbor:
        return answer(params, cbor_data, is_cbor, is_json)
    entries = json.loads(answer(params, cbor_data, False, True)[2])["DashboardEntries"]
    return cloudwatch._cbor_ok({"DashboardEntries": [
        {**entry, "LastModified": cloudwatch._cbor_timestamp(entry["LastModified"])} for entry in entries]})


cloudwatch._list_dashboards = list_dashboards


def function_concurrency(name, props):
    reserved = props.get("ReservedConcurrentExecutions")
    if reserved is None:
        check(lambda_svc._delete_function_concurrency(name), "ReservedConcurrentExecutions")
    else:
        data = {"ReservedConcurrentExecutions": int(reserved)}
        check(lambda_svc._put_function_concurrency(name, data), "ReservedConcurrentExecutions")


def function_environment(config, code_dir, port, environment=lambda_svc._provided_worker_env):
    return {**environment(config, code_dir, port), "AWS_LAMBDA_LOG_GROUP_NAME": config["LoggingConfig"]["LogGroup"]}


def topic_key(arn, props):
    attributes = sns._topics[arn]["attributes"]
    attributes.pop("KmsMasterKeyId", None)
    if props.get("KmsMasterKeyId"):
        attributes["KmsMasterKeyId"] = props["KmsMasterKeyId"]


def await_confirmation(arn, props):
    subscription = sns._find_subscription(props["TopicArn"], arn)
    if subscription and props["Protocol"] in ("email", "email-json"):
        subscription["confirmed"] = False
        subscription["attributes"]["PendingConfirmation"] = "true"


provisioners._cw_metric_alarm_record = alarm_record
TYPES["AWS::CloudWatch::CompositeAlarm"] = {
    "create": create_composite_alarm, "update": update_composite_alarm, "update_with_logical_id": True,
    "delete": delete_composite_alarm,
}
provisioners._STACK_TAG_PROPERTY["AWS::CloudWatch::CompositeAlarm"] = ("Tags", "list")
lambda_svc._provided_worker_env = function_environment
after("AWS::Lambda::Function", function_concurrency)
after("AWS::SNS::Topic", topic_key)
after("AWS::SNS::Subscription", await_confirmation)


# --- Bedrock --------------------------------------------------------------------------------------

def put_logging(body):
    config = json.loads(body)["loggingConfig"]
    logs = config.get("cloudWatchConfig") or {}
    buckets = [c["bucketName"] for c in (config.get("s3Config"), logs.get("largeDataDeliveryS3Config")) if c]
    if logs:
        role = iam._roles.get(logs["roleArn"].split("/")[-1])
        if logs["logGroupName"] not in cloudwatch_logs._log_groups or not (
                role and (role["InlinePolicies"] or role["AttachedPolicies"])):
            return bedrock._validation(
                f"Failed to validate permissions for log group: {logs['logGroupName']}, with role: "
                f"{logs['roleArn']}. Verify the IAM role permissions are correct.")
    for bucket in buckets:
        if not s3._bucket_policies.get(bucket):
            return bedrock._validation(f"Failed to validate permissions for bucket: {bucket}")
    for flag in FLAGS:
        config.setdefault(f"{flag}DataDeliveryEnabled", True)
    bedrock._invocation_logging_config["config"] = config
    return bedrock._empty()


bedrock._put_logging_config = put_logging


# --- CloudFormation -------------------------------------------------------------------------------

def resolve(value, *scope, resolve_refs=engine._resolve_refs):
    output = value.get("Fn::GetStackOutput") if isinstance(value, dict) else None
    if not isinstance(output, dict) or "Region" not in output:
        return resolve_refs(value, *scope)
    with request_scope(get_account_id(), resolve(output["Region"], *scope)):
        return resolve_refs(value, *scope)


def regional_name(stack_name, logical_id, *, name=provisioners._physical_name, **options):
    seed = provisioners._NAME_SEED
    token = seed.set(seed.get() + get_region())
    try:
        return name(stack_name, logical_id, **options)
    finally:
        seed.reset(token)


class Outputs(list):
    """The changes of a change set that changes no resource, only outputs: none, and to be executed."""

    def __bool__(self):
        return True


def with_outputs(template, *args, resolve_props=changesets._resolve_props_for_diff):
    return {**resolve_props(template, *args), "Outputs": template.get("Outputs", {})}


def changes_between(old, new, *args, diff=changesets._diff_resources):
    return diff(old, new, *args) or (Outputs() if old["Outputs"] != new["Outputs"] else [])


ANSWERS = {}


def remember_answer(token, answer, deliver=custom_resource.deliver_response):
    ANSWERS[answer.get("StackId"), answer.get("LogicalResourceId")] = answer
    return deliver(token, answer)


def create_custom_resource(logical_id, props, stack_name, *resource_type, create=provisioners._custom_resource_create):
    try:
        return create(logical_id, props, stack_name, *resource_type)
    except RuntimeError:  # it was answered with FAILED
        answer = ANSWERS[provisioners._cr_stack_id(stack_name), logical_id]
        provisioners._custom_resource_delete(
            answer["PhysicalResourceId"], props, stack_name, logical_id, *resource_type)
        raise


changesets._resolve_props_for_diff = with_outputs
changesets._diff_resources = changes_between
custom_resource.deliver_response = remember_answer
provisioners._custom_resource_create = create_custom_resource
TYPES["AWS::CloudFormation::CustomResource"]["create"] = create_custom_resource
custom_resource._gateway_url = lambda: os.environ["AWS_ENDPOINT_URL"]
engine._resolve_refs = resolve
provisioners._physical_name = regional_name


# --- Athena ---------------------------------------------------------------------------------------

def create_named_query(_logical_id, props, _stack_name):
    answer = check(athena._create_named_query(props), "create the named query")
    return answer["NamedQueryId"], {"NamedQueryId": answer["NamedQueryId"]}


def delete_named_query(query_id, _props):
    athena._delete_named_query({"NamedQueryId": query_id})


def update_named_query(query_id, _old_props, props, stack_name, *_logical_id):
    delete_named_query(query_id, props)
    return create_named_query(None, props, stack_name)


TYPES["AWS::Athena::NamedQuery"] = {
    "create": create_named_query, "update": update_named_query, "delete": delete_named_query,
}
ledger_engine.install()


if __name__ == "__main__":
    app.main()
