package alerting

// TamperCall is an API call that could blind the paper trail, as CloudTrail
// writes it down.
type TamperCall struct {
	// Service is the event source without ".amazonaws.com".
	Service string
	// Event is the name of the event. Those of AWS Lambda go on with the version
	// of the API; see AnyVersion.
	Event string
	// AnyVersion says that Event is only the name's beginning.
	AnyVersion bool
	// Change is what the call does.
	Change string
	// Parameter is where in requestParameters the event names the resource, with
	// dots between the levels. Empty: the call is about the whole account and
	// Region.
	Parameter string
	// Group is the pair of rules that match the call.
	Group TamperGroup
	// DataEvent says that CloudTrail logs the call only where a trail selects it.
	DataEvent bool

	resource tamperResource
	// only are further parameters of the calls that count, with their values.
	only map[string]any
}

// TamperGroup is a pair of rules: for calls by deployments, and for all others.
type TamperGroup string

// The groups, each with the resources that it is about.
const (
	TamperGroup_RECORDING    TamperGroup = "Recording"
	TamperGroup_TRAILS       TamperGroup = "Trails"
	TamperGroup_STACKS       TamperGroup = "Stacks"
	TamperGroup_UPDATES      TamperGroup = "Updates"
	TamperGroup_BUCKETS      TamperGroup = "Buckets"
	TamperGroup_KEYS         TamperGroup = "Keys"
	TamperGroup_LOG_GROUPS   TamperGroup = "LogGroups"
	TamperGroup_LOG_POLICIES TamperGroup = "LogPolicies"
	TamperGroup_ALARMS       TamperGroup = "Alarms"
	TamperGroup_RULES        TamperGroup = "Rules"
	TamperGroup_TOPICS       TamperGroup = "Topics"
	TamperGroup_FUNCTIONS    TamperGroup = "Functions"
	TamperGroup_PARAMETERS   TamperGroup = "Parameters"
	TamperGroup_ROLES        TamperGroup = "Roles"
)

// tamperResource is a kind of protected resource.
type tamperResource int

const (
	tamperedWholeAccount tamperResource = iota
	tamperedTrail
	tamperedStack
	tamperedBucket
	tamperedKey
	tamperedLogGroup
	tamperedLogGroupArn
	tamperedLogGroupOrArn
	tamperedAlarm
	tamperedMetric
	tamperedRule
	tamperedTopic
	tamperedSubscription
	tamperedFunction
	tamperedParameter
	tamperedRole
)

// TamperCalls lists the calls that TamperRules match. The patterns, the tests
// and the table in docs/tamper.md are made of it. Each call returns a list of
// its own.
func TamperCalls() []TamperCall {
	var all []TamperCall
	for _, block := range tamperBlocks {
		for _, named := range block.calls {
			call := block.TamperCall
			call.Event, call.Change = named[0], named[1]
			all = append(all, call)
		}
	}
	return all
}

// tamperBlock is a run of calls that have all but name and effect in common.
type tamperBlock struct {
	TamperCall
	calls [][2]string
}

// Names of events and parameters are those of each service's page on CloudTrail
// and of its API reference; CloudTrail begins parameters with a small letter.
var tamperBlocks = []tamperBlock{
	{TamperCall{Group: TamperGroup_RECORDING, Service: "bedrock", resource: tamperedWholeAccount}, [][2]string{
		{"PutModelInvocationLoggingConfiguration", "replaces the logging configuration"},
		{"DeleteModelInvocationLoggingConfiguration", "switches invocation logging off"},
	}},
	{TamperCall{Group: TamperGroup_TRAILS, Service: "cloudtrail", Parameter: "name", resource: tamperedTrail}, [][2]string{
		{"StopLogging", "stops the trail"},
		{"DeleteTrail", "deletes the trail"},
		{"UpdateTrail", "changes destination, key, Regions or validation of the trail"},
	}},
	{TamperCall{Group: TamperGroup_TRAILS, Service: "cloudtrail", Parameter: "trailName", resource: tamperedTrail}, [][2]string{
		{"PutEventSelectors", "changes which events the trail records"},
		{"PutInsightSelectors", "changes which unusual activity the trail reports"},
	}},
	{TamperCall{Group: TamperGroup_STACKS, Service: "cloudformation", Parameter: "stackName", resource: tamperedStack}, [][2]string{
		{"DeleteStack", "deletes what the stack declares"},
		{"SetStackPolicy", "changes what an update of the stack may replace"},
	}},
	// The cdk CLI switches it on itself, after the stack is made.
	{TamperCall{Group: TamperGroup_STACKS, Service: "cloudformation", Parameter: "stackName", resource: tamperedStack,
		only: map[string]any{"enableTerminationProtection": []any{false, "false"}}}, [][2]string{
		{"UpdateTerminationProtection", "lets the stack be deleted; switching protection on is not told"},
	}},
	// A change set may be executed by its ARN, which names no stack; to create one
	// takes the stack's name.
	{TamperCall{Group: TamperGroup_UPDATES, Service: "cloudformation", Parameter: "stackName", resource: tamperedStack}, [][2]string{
		{"UpdateStack", "changes what the stack declares"},
		{"CreateChangeSet", "prepares such a change"},
		{"ExecuteChangeSet", "makes it"},
		{"CancelUpdateStack", "ends an update and undoes it"},
		{"RollbackStack", "undoes the last update, if it failed"},
		{"ContinueUpdateRollback", "goes on with undoing, and can leave resources out"},
	}},
	{TamperCall{Group: TamperGroup_BUCKETS, Service: "s3", Parameter: "bucketName", resource: tamperedBucket}, [][2]string{
		{"DeleteBucket", "deletes the bucket"},
		{"PutBucketPolicy", "changes the policy, and with it who may deliver"},
		{"DeleteBucketPolicy", "removes the policy with its denies"},
		{"PutBucketObjectLockConfiguration", "changes the lock of new objects"},
		{"PutObjectLockConfiguration", "the same, by the name of the operation"},
		{"PutBucketLifecycle", "changes when objects expire"},
		{"DeleteBucketLifecycle", "removes the lifecycle rules"},
		{"PutBucketVersioning", "suspends versioning, or enables it"},
		{"PutBucketEncryption", "changes the key of new objects"},
		{"DeleteBucketEncryption", "takes the key of new objects away"},
		{"PutBucketReplication", "changes where copies go"},
		{"DeleteBucketReplication", "ends replication"},
		{"PutBucketPublicAccessBlock", "changes the block of public access"},
		{"DeleteBucketPublicAccessBlock", "removes the block of public access"},
		{"PutBucketAcl", "changes the access control list"},
		{"PutBucketOwnershipControls", "lets objects have another owner"},
		{"DeleteBucketOwnershipControls", "lets objects have another owner"},
		{"PutBucketLogging", "changes or ends the access log"},
	}},
	{TamperCall{Group: TamperGroup_BUCKETS, Service: "s3", Parameter: "bucketName", resource: tamperedBucket, DataEvent: true}, [][2]string{
		{"DeleteObject", "deletes a version, or hides the object behind a delete marker"},
		{"DeleteObjects", "the same for many objects; the event does not name them"},
		{"PutObjectRetention", "changes until when an object is locked"},
		{"PutObjectLockRetention", "the same, by an older name of the event"},
		{"PutObjectLegalHold", "sets or lifts a legal hold"},
		{"PutObjectLockLegalHold", "the same, by an older name of the event"},
		{"UpdateObjectEncryption", "changes the key of an object: whoever has none cannot read it"},
	}},
	{TamperCall{Group: TamperGroup_KEYS, Service: "kms", Parameter: "keyId", resource: tamperedKey}, [][2]string{
		{"DisableKey", "nothing can be delivered or read until it is enabled"},
		{"ScheduleKeyDeletion", "what the key encrypted is lost when the wait is over"},
		{"PutKeyPolicy", "changes who may use the key"},
		{"DisableKeyRotation", "ends rotation"},
		{"EnableKeyRotation", "changes the period of rotation"},
		{"DeleteImportedKeyMaterial", "makes an imported key unusable"},
	}},
	{TamperCall{Group: TamperGroup_LOG_GROUPS, Service: "logs", Parameter: "logGroupName", resource: tamperedLogGroup}, [][2]string{
		{"DeleteLogGroup", "deletes all records in it"},
		{"DeleteLogStream", "deletes the records of a stream"},
		{"PutRetentionPolicy", "changes how long records are kept"},
		{"DeleteRetentionPolicy", "keeps records for ever"},
		{"PutMetricFilter", "changes what an alarm counts"},
		{"DeleteMetricFilter", "blinds an alarm"},
		{"PutSubscriptionFilter", "sends records elsewhere"},
		{"DeleteSubscriptionFilter", "ends a copy of the records"},
		{"AssociateKmsKey", "changes the key of new records"},
		{"DisassociateKmsKey", "takes the key of new records away"},
	}},
	{TamperCall{Group: TamperGroup_LOG_GROUPS, Service: "logs", Parameter: "resourceIdentifier", resource: tamperedLogGroupArn}, [][2]string{
		{"AssociateKmsKey", "changes the key of new records"},
		{"DisassociateKmsKey", "takes the key of new records away"},
	}},
	{TamperCall{Group: TamperGroup_LOG_POLICIES, Service: "logs", Parameter: "logGroupIdentifier", resource: tamperedLogGroupOrArn}, [][2]string{
		{"PutDataProtectionPolicy", "changes what is masked and reported"},
		{"DeleteDataProtectionPolicy", "shows what was masked, ends the findings"},
		{"PutLogGroupDeletionProtection", "lets the group be deleted, or not"},
		{"PutTransformer", "changes records before filters see them"},
		{"DeleteTransformer", "changes records before filters see them"},
	}},
	{TamperCall{Group: TamperGroup_LOG_POLICIES, Service: "logs", resource: tamperedWholeAccount}, [][2]string{
		{"PutAccountPolicy", "masks, transforms or copies the records of all groups"},
		{"DeleteAccountPolicy", "ends that"},
	}},
	{TamperCall{Group: TamperGroup_ALARMS, Service: "monitoring", Parameter: "alarmNames", resource: tamperedAlarm}, [][2]string{
		{"DeleteAlarms", "deletes alarms"},
		{"DisableAlarmActions", "alarms fire and tell nobody"},
	}},
	{TamperCall{Group: TamperGroup_ALARMS, Service: "monitoring", Parameter: "alarmName", resource: tamperedAlarm}, [][2]string{
		{"PutMetricAlarm", "changes what fires the alarm, or whom it tells"},
		{"PutCompositeAlarm", "changes what fires the alarm, or whom it tells"},
		{"SetAlarmState", "makes an alarm look fine, or cry wolf"},
	}},
	{TamperCall{Group: TamperGroup_ALARMS, Service: "monitoring", Parameter: "muteTargets.alarmNames", resource: tamperedAlarm}, [][2]string{
		{"PutAlarmMuteRule", "alarms fire and tell nobody at set times"},
	}},
	// Bands of alarms are those of anomaly detectors, whose events name no alarm.
	{TamperCall{Group: TamperGroup_ALARMS, Service: "monitoring", Parameter: "singleMetricAnomalyDetector.namespace", resource: tamperedMetric}, [][2]string{
		{"PutAnomalyDetector", "can teach a band to leave times out"},
		{"DeleteAnomalyDetector", "an alarm on a band has none until it is learnt anew"},
	}},
	{TamperCall{Group: TamperGroup_ALARMS, Service: "monitoring", Parameter: "namespace", resource: tamperedMetric}, [][2]string{
		{"PutAnomalyDetector", "the same, by older parameters"},
		{"DeleteAnomalyDetector", "the same, by older parameters"},
	}},
	{TamperCall{Group: TamperGroup_RULES, Service: "events", Parameter: "name", resource: tamperedRule}, [][2]string{
		{"DisableRule", "ends these messages, or the scheduled check"},
		{"DeleteRule", "ends these messages, or the scheduled check"},
		{"PutRule", "changes what the rule matches, or its state"},
	}},
	{TamperCall{Group: TamperGroup_RULES, Service: "events", Parameter: "rule", resource: tamperedRule}, [][2]string{
		{"PutTargets", "changes whom the rule tells"},
		{"RemoveTargets", "the rule matches and tells nobody"},
	}},
	{TamperCall{Group: TamperGroup_TOPICS, Service: "sns", Parameter: "topicArn", resource: tamperedTopic}, [][2]string{
		{"DeleteTopic", "nobody is told any more"},
		{"SetTopicAttributes", "changes who may publish, or the key"},
		{"AddPermission", "changes who may publish or subscribe"},
		{"RemovePermission", "changes who may publish or subscribe"},
	}},
	{TamperCall{Group: TamperGroup_TOPICS, Service: "sns", Parameter: "resourceArn", resource: tamperedTopic}, [][2]string{
		{"PutDataProtectionPolicy", "masks or refuses messages"},
	}},
	{TamperCall{Group: TamperGroup_TOPICS, Service: "sns", Parameter: "subscriptionArn", resource: tamperedSubscription}, [][2]string{
		{"Unsubscribe", "somebody is not told any more"},
		{"SetSubscriptionAttributes", "can filter all messages out"},
	}},
	{TamperCall{Group: TamperGroup_FUNCTIONS, Service: "lambda", AnyVersion: true, Parameter: "functionName", resource: tamperedFunction}, [][2]string{
		{"UpdateFunctionCode", "replaces the code of a function of the paper trail"},
		{"UpdateFunctionConfiguration", "changes its role, settings or handler"},
		{"DeleteFunction", "deletes it"},
		{"PutFunctionConcurrency", "with 0, it never runs"},
		{"AddPermission", "changes who may call it"},
		{"RemovePermission", "its schedule can no longer call it"},
		{"PutFunctionEventInvokeConfig", "changes whether failed events are tried again"},
		{"UpdateFunctionEventInvokeConfig", "changes whether failed events are tried again"},
		{"PutRuntimeManagementConfig", "can hold the function at an old runtime"},
	}},
	{TamperCall{Group: TamperGroup_PARAMETERS, Service: "ssm", Parameter: "name", resource: tamperedParameter}, [][2]string{
		{"PutParameter", "changes what the functions believe was declared, or takes their lock"},
		{"DeleteParameter", "the functions forget what was declared"},
	}},
	{TamperCall{Group: TamperGroup_PARAMETERS, Service: "ssm", Parameter: "names", resource: tamperedParameter}, [][2]string{
		{"DeleteParameters", "the functions forget what was declared"},
	}},
	{TamperCall{Group: TamperGroup_ROLES, Service: "iam", Parameter: "roleName", resource: tamperedRole}, [][2]string{
		{"DeleteRole", "what used the role fails"},
		{"UpdateAssumeRolePolicy", "changes who may use the role"},
		{"PutRolePolicy", "changes what the role may do"},
		{"DeleteRolePolicy", "changes what the role may do"},
		{"AttachRolePolicy", "changes what the role may do"},
		{"DetachRolePolicy", "changes what the role may do"},
		{"PutRolePermissionsBoundary", "can take all permissions from the role"},
		{"DeleteRolePermissionsBoundary", "changes what the role may do"},
	}},
}
