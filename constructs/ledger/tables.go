package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/internal/ledgersql"
	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
)

// DefaultSince is the first day whose records are looked for: Amazon Bedrock
// became available in that month.
const DefaultSince = "2023-09-01"

// Tables are a database of the AWS Glue Data Catalog with the raw records of
// this account and Region (table invocations) and, if there is a trail, its
// files (table events).
//
// Partitions are computed from the time that a query asks for (partition
// projection), so nothing has to be crawled, and a query without a time reads
// everything. Prompts and answers are columns of type string; a line that cannot
// be read, a marker or a file beside the records is a row without values.
//
// They hold no data. They go with the stack, and the next deployment makes them
// again.
type Tables interface {
	constructs.Construct
	// DatabaseName is that of the Glue database.
	DatabaseName() *string
	// Invocations is the bucket of the raw records.
	Invocations() auditstore.AuditBucket
	// Trail is the bucket of the trail's files. It is nil without one.
	Trail() auditstore.AuditBucket

	// recordsPrefix is the prefix of the raw records' keys in their bucket.
	recordsPrefix() string
}

// TablesProps configures Tables.
type TablesProps struct {
	// Invocations is the bucket that Amazon Bedrock delivers to, in the same
	// account and Region. Required.
	Invocations auditstore.AuditBucket
	// InvocationPrefix is the key prefix of the delivery, as given to
	// AuditBucket.AllowBedrockDelivery. Default: none.
	InvocationPrefix *string
	// Trail is the bucket that CloudTrail delivers to. Default: there is no table
	// of events.
	Trail auditstore.AuditBucket
	// TrailRegions are those whose events the trail has. Default: the Region of
	// the stack.
	TrailRegions *[]*string
	// Since is the first day of which there can be records, YYYY-MM-DD in UTC.
	// Default: DefaultSince.
	Since *string
	// DatabaseName is the name of the Glue database, and the beginning of the
	// names of the ledger's work groups, state machine and schedules: 1 to 56 of
	// a-z, 0-9 and _, beginning with a letter, unique in the account and Region.
	// Default: made of the construct's path.
	DatabaseName *string
}

type tables struct {
	constructs.Construct
	name        string
	prefix      string
	invocations auditstore.AuditBucket
	trail       auditstore.AuditBucket
}

var _ Tables = (*tables)(nil)

// NewTables makes the database and its tables.
//
// It panics without Invocations; and, all in one message, on a name, prefix or
// day that is not of the form said and on TrailRegions without Trail.
func NewTables(scope constructs.Construct, id *string, props *TablesProps) Tables {
	misuse.RequireScope(pkg, "Tables", scope, id)
	p := TablesProps{}
	if props != nil {
		p = *props
	}
	misuse.Require(pkg, "Tables", "Invocations", p.Invocations)
	since, problems := p.check()
	misuse.PanicAll(problems)

	this := &tables{invocations: p.Invocations, trail: p.Trail}
	constructs.NewConstruct_Override(this, scope, id)
	place := policies.At(this)
	if p.DatabaseName != nil {
		this.name = *p.DatabaseName
	} else {
		this.name = nameOf(*this.Node().Path())
	}
	if p.InvocationPrefix != nil && *p.InvocationPrefix != "" {
		this.prefix = *p.InvocationPrefix + "/"
	}
	database := awsglue.NewCfnDatabase(this, jsii.String("Database"), &awsglue.CfnDatabaseProps{
		CatalogId: &place.Account,
		DatabaseInput: &awsglue.CfnDatabase_DatabaseInputProperty{
			Name:        &this.name,
			Description: jsii.String("Model calls: the raw records, and the ledger without prompts and answers"),
		},
	})
	bucket := *p.Invocations.Bucket().BucketName()
	this.table(database, "Invocations", "The raw records of model calls, with prompts and answers", ledgersql.Invocations(ledgersql.Source{
		Location: "s3://" + bucket + "/" + strings.TrimSuffix(this.prefix, "/"),
		Accounts: []string{place.Account},
		Regions:  []string{place.Region},
		Since:    since,
	}))
	if p.Trail != nil {
		regions := []string{place.Region}
		if p.TrailRegions != nil {
			regions = nil
			for _, region := range *p.TrailRegions {
				regions = append(regions, *region)
			}
		}
		this.table(database, "Events", "The files of the CloudTrail trail", ledgersql.Events(ledgersql.Source{
			Location: "s3://" + *p.Trail.Bucket().BucketName(),
			Accounts: []string{place.Account},
			Regions:  regions,
			Since:    since,
		}))
	}
	return this
}

var (
	databaseName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,55}$`)
	regionName   = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

func (p TablesProps) check() (since time.Time, problems []error) {
	add := func(format string, args ...any) { problems = append(problems, misuse.Errorf(pkg, format, args...)) }
	if p.DatabaseName != nil && !databaseName.MatchString(*p.DatabaseName) {
		add("TablesProps.DatabaseName has to be 1 to 56 of a-z, 0-9 and _, beginning with a letter, got %q; give one such as paper_trail_prod", *p.DatabaseName)
	}
	if p.InvocationPrefix != nil && (strings.HasPrefix(*p.InvocationPrefix, "/") || strings.HasSuffix(*p.InvocationPrefix, "/")) {
		add("TablesProps.InvocationPrefix neither begins nor ends with /, got %q; give it as to AuditBucket.AllowBedrockDelivery", *p.InvocationPrefix)
	}
	day := DefaultSince
	if p.Since != nil {
		day = *p.Since
	}
	since, err := time.Parse(time.DateOnly, day)
	if err != nil {
		add("TablesProps.Since has to be a day, got %q; write it as YYYY-MM-DD", day)
	}
	if p.TrailRegions != nil {
		if p.Trail == nil {
			add("TablesProps.TrailRegions comes without Trail, got %d Regions; give the trail's bucket, or leave them out", len(*p.TrailRegions))
		}
		if len(*p.TrailRegions) == 0 {
			add("TablesProps.TrailRegions is empty, got none; leave it out for the stack's Region")
		}
		for i, region := range *p.TrailRegions {
			if region == nil || !strings.Contains(*region, "${Token[") && !regionName.MatchString(*region) {
				got := "nil"
				if region != nil {
					got = *region
				}
				add("TablesProps.TrailRegions[%d] has to be a Region, got %q; give one such as eu-west-1", i, got)
			}
		}
	}
	return since, problems
}

// nameOf makes a database name of a construct's path. The end tells apart the
// paths that come to the same.
func nameOf(path string) string {
	const longest = 47 // with the end, 56
	sum := sha256.Sum256([]byte(path))
	words := strings.FieldsFunc(strings.ToLower(path), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(words, "_")
	if name == "" || name[0] < 'a' {
		name = "t_" + name
	}
	name = strings.TrimRight(name[:min(len(name), longest)], "_")
	return name + "_" + hex.EncodeToString(sum[:4])
}

func (t *tables) table(database awsglue.CfnDatabase, id, description string, of ledgersql.Table) {
	columns := func(list []ledgersql.Column) []any {
		out := make([]any, len(list))
		for i, c := range list {
			property := &awsglue.CfnTable_ColumnProperty{Name: jsii.String(c.Name), Type: jsii.String(c.Type)}
			if c.Comment != "" {
				property.Comment = jsii.String(c.Comment)
			}
			out[i] = property
		}
		return out
	}
	made := awsglue.NewCfnTable(t, jsii.String(id), &awsglue.CfnTableProps{
		CatalogId:    jsii.String(policies.At(t).Account),
		DatabaseName: &t.name,
		TableInput: &awsglue.CfnTable_TableInputProperty{
			Name:          jsii.String(of.Name),
			Description:   jsii.String(description),
			TableType:     jsii.String("EXTERNAL_TABLE"),
			PartitionKeys: columns(of.PartitionKeys),
			Parameters:    of.Parameters,
			StorageDescriptor: &awsglue.CfnTable_StorageDescriptorProperty{
				Location:     jsii.String(of.Location),
				Columns:      columns(of.Columns),
				InputFormat:  jsii.String(of.InputFormat),
				OutputFormat: jsii.String(of.OutputFormat),
				SerdeInfo: &awsglue.CfnTable_SerdeInfoProperty{
					SerializationLibrary: jsii.String(of.SerDe),
					Parameters:           of.SerDeParameters,
				},
			},
		},
	})
	made.AddResourceDependency(database, nil)
}

func (t *tables) DatabaseName() *string               { return &t.name }
func (t *tables) Invocations() auditstore.AuditBucket { return t.invocations }
func (t *tables) Trail() auditstore.AuditBucket       { return t.trail }

func (t *tables) recordsPrefix() string {
	place := policies.At(t)
	return t.prefix + "AWSLogs/" + place.Account + "/BedrockModelInvocationLogs/" + place.Region + "/"
}
