package ledgersql

import (
	"strings"
	"time"
)

// Table describes an external table in the terms of AWS Glue.
type Table struct {
	// Name is the table's name in its database.
	Name string
	// Location is the folder that the table begins at.
	Location string
	// Columns are what is in the files, PartitionKeys what is in the names of folders.
	Columns, PartitionKeys []Column
	// InputFormat and OutputFormat are classes of Hadoop.
	InputFormat, OutputFormat string
	// SerDe is the class that reads a line, SerDeParameters are its settings.
	SerDe           string
	SerDeParameters map[string]string
	// Parameters are the table's properties, partition projection among them.
	Parameters map[string]string
}

// Source says where raw files are.
type Source struct {
	// Location is the folder that holds AWSLogs: s3://bucket or s3://bucket/prefix. Default: none, required.
	Location string
	// Accounts are the accounts whose folders are read. Default: none, required.
	Accounts []string
	// Regions are the Regions whose folders are read. Default: none, required.
	Regions []string
	// Since is the first hour (of CloudTrail's files, day) that is read. Default: none, required.
	Since time.Time
}

// Names of the external tables.
const (
	InvocationsTable = "invocations"
	EventsTable      = "events"
)

// Invocations describes the table of the raw records: one line of a file per row,
// as it stands.
//
// No SerDe for JSON takes the line apart, since each of them changes it (keys
// lose their case, bodies are written anew, numbers become floating-point ones) and
// fails a query, or drops the line, where it cannot be read. The view records takes
// it apart, and tells lines that it cannot read.
//
// Partitions are projected: log_account and log_region from the lists, log_hour
// ('2026/01/31/23') from Since to the present hour, so that nothing has to be
// registered as hours go by. A partition holds the folder below it, too: side files and
// the marker of a permission check are for the view to leave out.
func Invocations(s Source) Table {
	table := s.table(InvocationsTable, "log_hour", "BedrockModelInvocationLogs", "2006/01/02/15")
	table.Columns = []Column{{"line", "string", "a model invocation log record, as JSON"}}
	table.PartitionKeys[2].Comment = "hour of delivery, UTC, such as 2026/01/31/23"
	table.InputFormat = "org.apache.hadoop.mapred.TextInputFormat"
	table.SerDe = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
	// Fields end at U+0001, which no line of JSON has, so that a line never falls into several columns.
	table.SerDeParameters = map[string]string{"serialization.format": "1"}
	table.Parameters["projection.log_hour.format"] = "yyyy/MM/dd/HH"
	table.Parameters["projection.log_hour.interval.unit"] = "HOURS"
	return table
}

// Events describes the table of CloudTrail's files, with the columns, the SerDe and
// the input format that the Athena User Guide gives for them ("Query AWS CloudTrail
// logs"). The day of delivery is log_day ('2026/01/31').
func Events(s Source) Table {
	table := s.table(EventsTable, "log_day", "CloudTrail", "2006/01/02")
	table.Columns = eventColumns
	table.PartitionKeys[2].Comment = "day of delivery, UTC, such as 2026/01/31"
	table.InputFormat = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
	table.SerDe = "org.apache.hive.hcatalog.data.JsonSerDe"
	table.SerDeParameters = map[string]string{"serialization.format": "1"}
	table.Parameters["projection.log_day.format"] = "yyyy/MM/dd"
	table.Parameters["projection.log_day.interval.unit"] = "DAYS"
	table.Parameters["classification"] = "cloudtrail"
	return table
}

func (s Source) table(name, when, service, layout string) Table {
	logs := strings.TrimRight(s.Location, "/") + "/AWSLogs/"
	return Table{
		Name:     name,
		Location: logs,
		PartitionKeys: []Column{
			{"log_account", "string", "account whose folder the file is in"},
			{"log_region", "string", "Region whose folder the file is in"},
			{when, "string", ""},
		},
		OutputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
		Parameters: map[string]string{
			"EXTERNAL":                         "TRUE",
			"projection.enabled":               "true",
			"projection.log_account.type":      "enum",
			"projection.log_account.values":    strings.Join(s.Accounts, ","),
			"projection.log_region.type":       "enum",
			"projection.log_region.values":     strings.Join(s.Regions, ","),
			"projection." + when + ".type":     "date",
			"projection." + when + ".range":    s.Since.UTC().Format(layout) + ",NOW",
			"projection." + when + ".interval": "1",
			"storage.location.template":        logs + "${log_account}/" + service + "/${log_region}/${" + when + "}/",
		},
	}
}

var eventColumns = []Column{
	{"eventversion", "string", ""},
	{"useridentity", "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>,sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,ec2roledelivery:string,webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>>", "who called"},
	{"eventtime", "string", "UTC, such as 2026-01-31T23:59:59Z"},
	{"eventsource", "string", ""},
	{"eventname", "string", ""},
	{"awsregion", "string", ""},
	{"sourceipaddress", "string", ""},
	{"useragent", "string", ""},
	{"errorcode", "string", ""},
	{"errormessage", "string", ""},
	{"requestparameters", "string", "JSON"},
	{"responseelements", "string", "JSON"},
	{"additionaleventdata", "string", "JSON"},
	{"requestid", "string", "the same as request_id in calls"},
	{"eventid", "string", ""},
	{"readonly", "string", ""},
	{"resources", "array<struct<arn:string,accountid:string,type:string>>", ""},
	{"eventtype", "string", ""},
	{"apiversion", "string", ""},
	{"recipientaccountid", "string", ""},
	{"serviceeventdetails", "string", "JSON"},
	{"sharedeventid", "string", ""},
	{"vpcendpointid", "string", ""},
	{"vpcendpointaccountid", "string", ""},
	{"eventcategory", "string", ""},
	{"addendum", "struct<reason:string,updatedfields:string,originalrequestid:string,originaleventid:string>", ""},
	{"sessioncredentialfromconsole", "string", ""},
	{"edgedevicedetails", "string", "JSON"},
	{"tlsdetails", "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>", ""},
}
