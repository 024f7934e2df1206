package ledger

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

const eventsView = "calls_with_events"

var (
	// readableTables have no prompts and answers in them.
	readableTables = []string{"calls", "model_aliases", "rates", "unreadable"}
	// definedTables are the tables and the views that the fill makes.
	definedTables = append([]string{"records", eventsView}, readableTables...)
)

func (l *ledger) GrantLedgerRead(grantee awsiam.IGrantable) awsiam.Grant {
	return grant(grantee, append(l.query(l.readGroup),
		l.readDefinitions("", readableTables...),
		l.readLedger(),
		l.useKey("", l.key.Key().KeyArn(), "kms:Decrypt", "kms:GenerateDataKey"),
	)...)
}

func (l *ledger) GrantAuditRead(grantee awsiam.IGrantable) awsiam.Grant {
	granted := grant(grantee, append(l.query(l.auditGroup),
		l.readDefinitions("", "*"),
		l.readLedger(),
		l.useKey("", l.key.Key().KeyArn(), "kms:Decrypt"),
		l.useKey("", l.auditGroup.key.KeyArn(), "kms:Decrypt", "kms:GenerateDataKey"),
	)...).Combine(l.tables.Invocations().GrantAuditRead(grantee))
	if trail := l.tables.Trail(); !misuse.IsNil(trail) {
		granted = granted.Combine(trail.GrantAuditRead(grantee))
	}
	if !misuse.IsNil(l.logGroup) {
		granted = granted.Combine(l.logGroup.GrantAuditRead(grantee)).Combine(l.logGroup.GrantUnmask(grantee))
	}
	return granted
}

func (l *ledger) GrantOperate(grantee awsiam.IGrantable) awsiam.Grant {
	place := l.place()
	return grant(grantee,
		policies.Statement{
			Actions:   []string{"states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution"},
			Resources: []*string{l.machineArn},
		},
		policies.Statement{
			// Not states:RedriveExecution: it goes on where an execution failed, without
			// waiting for others.
			Actions:   []string{"states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"},
			Resources: []*string{place.Arn("states", "execution:"+l.fillGroup.name+":*")},
		},
	)
}

// grant adds statements to the policy of the grantee.
func grant(grantee awsiam.IGrantable, statements ...policies.Statement) awsiam.Grant {
	var granted awsiam.Grant
	for _, s := range statements {
		options := &awsiam.GrantOnPrincipalOptions{
			Grantee:      grantee,
			Actions:      policies.Strings(s.Actions...),
			ResourceArns: &s.Resources,
		}
		if len(s.Conditions) > 0 {
			conditions := map[string]*map[string]any{}
			for operator, keys := range s.Conditions {
				conditions[operator] = &keys
			}
			options.Conditions = &conditions
		}
		added := awsiam.Grant_AddToPrincipal(options)
		if granted == nil {
			granted = added
		} else {
			granted = granted.Combine(added)
		}
	}
	return granted
}

func (g workGroup) arn(place policies.Place) *string { return place.Arn("athena", "workgroup/"+g.name) }

// query allows to run queries in a work group and to fetch their results.
func (l *ledger) query(g workGroup) []policies.Statement {
	place := l.place()
	return []policies.Statement{
		{
			Actions: []string{
				"athena:BatchGetNamedQuery", "athena:BatchGetQueryExecution", "athena:GetNamedQuery", "athena:GetQueryExecution",
				"athena:GetQueryResults", "athena:GetQueryResultsStream", "athena:GetQueryRuntimeStatistics", "athena:GetWorkGroup",
				"athena:ListNamedQueries", "athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution",
			},
			Resources: []*string{g.arn(place)},
		},
		{
			Actions:   []string{"athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata", "athena:ListDatabases", "athena:ListTableMetadata"},
			Resources: []*string{place.Arn("athena", "datacatalog/AwsDataCatalog")},
		},
		{
			// The console lists both; IAM knows no resource for the lists.
			Actions:   []string{"athena:ListDataCatalogs", "athena:ListWorkGroups"},
			Resources: *policies.Strings("*"),
		},
		l.results("", g),
		{
			Actions:   []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
			Resources: []*string{l.store.results.BucketArn()},
		},
	}
}

// results allows to write and read the results of a work group: Athena does both
// with the permissions of its caller.
func (l *ledger) results(sid string, g workGroup) policies.Statement {
	return policies.Statement{
		Sid:       sid,
		Actions:   []string{"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"},
		Resources: []*string{jsii.String(*l.store.results.BucketArn() + "/" + g.folder + "*")},
	}
}

// readDefinitions allows to read the definitions of tables. Athena asks for the
// database "default" whatever a query is about (Athena user guide, "Configure
// access to databases and tables in the AWS Glue Data Catalog").
func (l *ledger) readDefinitions(sid string, tables ...string) policies.Statement {
	return policies.Statement{
		Sid: sid,
		Actions: []string{
			"glue:BatchGetPartition", "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables",
		},
		Resources: append(l.definitionArns(tables...), l.place().Arn("glue", "database/default")),
	}
}

// definitionArns are those of tables and of what they are in, which AWS Glue
// checks as well.
func (l *ledger) definitionArns(tables ...string) []*string {
	place, database := l.place(), *l.tables.DatabaseName()
	arns := []*string{place.Arn("glue", "catalog"), place.Arn("glue", "database/"+database)}
	for _, table := range tables {
		arns = append(arns, place.Arn("glue", "table/"+database+"/"+table))
	}
	return arns
}

// readLedger allows to read the files of the ledger's tables.
func (l *ledger) readLedger() policies.Statement {
	return policies.Statement{
		Actions:   []string{"s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"},
		Resources: append([]*string{l.store.ledger.BucketArn()}, l.fileArns()...),
	}
}

// useKey allows to use a key through Amazon S3.
func (l *ledger) useKey(sid string, keyArn *string, actions ...string) policies.Statement {
	return policies.Statement{
		Sid: sid, Actions: actions, Resources: []*string{keyArn},
		Conditions: map[string]map[string]any{"StringEquals": {"kms:ViaService": "s3." + l.place().Region + ".amazonaws.com"}},
	}
}
