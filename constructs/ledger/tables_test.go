package ledger_test

import (
	"regexp"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/auditstore"
	"github.com/bedrock-paper-trail/paper-trail/constructs/ledger"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

func TestTablesAreImportable(t *testing.T) {
	f := newFixture(t)
	cdktest.AssertImportable(t, f.tables(nil))
	cdktest.Synth(t, f.stack)
}

func TestTablesDescribeTheRawRecords(t *testing.T) {
	f := newFixture(t)
	f.tables(func(p *ledger.TablesProps) {
		p.InvocationPrefix = jsii.String("prompts")
		p.Since = jsii.String("2026-02-03")
	})
	template := cdktest.Synth(t, f.stack)
	_, database := template.Only(t, "AWS::Glue::Database", "Tables")
	assert.Equal(t, "paper_trail", database.Properties["DatabaseInput"].(map[string]any)["Name"])
	_, table := template.Only(t, "AWS::Glue::Table", "Tables")
	assert.Equal(t, "paper_trail", table.Properties["DatabaseName"])
	assert.Equal(t, cdktest.Account, table.Properties["CatalogId"])
	assert.NotEmpty(t, table.DependsOn, "the database is named, not referred to")
	input := table.Properties["TableInput"].(map[string]any)
	assert.Equal(t, "invocations", input["Name"])
	assert.Equal(t, "EXTERNAL_TABLE", input["TableType"])
	parameters := input["Parameters"].(map[string]any)
	assert.Equal(t, "true", parameters["projection.enabled"])
	assert.Equal(t, cdktest.Account, parameters["projection.log_account.values"])
	assert.Equal(t, cdktest.Region, parameters["projection.log_region.values"])
	assert.Equal(t, "2026/02/03/00,NOW", parameters["projection.log_hour.range"])
	assert.Equal(t, "yyyy/MM/dd/HH", parameters["projection.log_hour.format"])
	assert.Equal(t, "HOURS", parameters["projection.log_hour.interval.unit"])
	// The folders are those that Amazon Bedrock delivers to.
	assert.Regexp(t, `"s3://",{"Ref":"PromptsBucket\w+"},"/prompts/AWSLogs/\${log_account}/BedrockModelInvocationLogs/\${log_region}/\${log_hour}/"`,
		cdktest.JSON(t, parameters["storage.location.template"]))
	assert.Regexp(t, `"s3://",{"Ref":"PromptsBucket\w+"},"/prompts/AWSLogs/"`, cdktest.JSON(t, input["StorageDescriptor"].(map[string]any)["Location"]))
}

func TestTablesDescribeEventsWhereThereIsATrail(t *testing.T) {
	f := newFixture(t)
	tables := f.tables(func(p *ledger.TablesProps) {
		p.Trail = f.bucket("Trail", f.key)
		p.TrailRegions = jsii.Strings("eu-west-1", "us-east-1", "us-gov-west-1")
	})
	assert.NotNil(t, tables.Trail())
	_, table := cdktest.Synth(t, f.stack).Only(t, "AWS::Glue::Table", "TablesEvents")
	parameters := table.Properties["TableInput"].(map[string]any)["Parameters"].(map[string]any)
	assert.Equal(t, "eu-west-1,us-east-1,us-gov-west-1", parameters["projection.log_region.values"])
	assert.Equal(t, "2023/09/01,NOW", parameters["projection.log_day.range"])
	assert.Contains(t, cdktest.JSON(t, parameters["storage.location.template"]), "TrailBucket")
}

func TestTablesNameTheDatabaseAfterTheirPath(t *testing.T) {
	f := newFixture(t)
	names := map[string]bool{}
	for _, id := range []string{"Tables", "tables", "Ta-bles", "ta_bles", "Äh", "1", "A very long id that goes on and on and on and on, and on, and on"} {
		tables := ledger.NewTables(f.stack, jsii.String(id), &ledger.TablesProps{Invocations: f.prompts})
		name := *tables.DatabaseName()
		assert.Regexp(t, regexp.MustCompile(`^[a-z][a-z0-9_]{0,55}$`), name)
		assert.False(t, names[name], "%s is unique", name)
		names[name] = true
	}
	assert.True(t, names["test_tables_55824fa2"], "it does not change: %v", names)
}

func TestTablesOfAnUnknownPlace(t *testing.T) {
	stack := awscdk.NewStack(cdktest.NewApp(t), jsii.String("Anywhere"), nil)
	key := auditstore.NewAuditKey(stack, jsii.String("Key"), nil)
	ledger.NewTables(stack, jsii.String("Tables"), &ledger.TablesProps{
		Invocations: auditstore.NewAuditBucket(stack, jsii.String("Prompts"), &auditstore.AuditBucketProps{Key: key}),
	})
	_, table := cdktest.Synth(t, stack).Only(t, "AWS::Glue::Table", "Tables")
	parameters := table.Properties["TableInput"].(map[string]any)["Parameters"].(map[string]any)
	assert.Equal(t, map[string]any{"Ref": "AWS::AccountId"}, parameters["projection.log_account.values"])
	assert.Equal(t, map[string]any{"Ref": "AWS::Region"}, parameters["projection.log_region.values"])
}

func TestTablesMisuse(t *testing.T) {
	f := newFixture(t)
	assert.Contains(t, cdktest.Panics(t, func() { ledger.NewTables(f.stack, jsii.String("T"), nil) }),
		"paper-trail/ledger: Tables needs TablesProps.Invocations, got nil")
	message := cdktest.Panics(t, func() {
		ledger.NewTables(f.stack, jsii.String("T"), &ledger.TablesProps{
			Invocations:      f.prompts,
			InvocationPrefix: jsii.String("prompts/"),
			Since:            jsii.String("yesterday"),
			DatabaseName:     jsii.String("Paper-Trail"),
			TrailRegions:     &[]*string{jsii.String("Europe"), nil},
		})
	})
	for _, want := range []string{
		`TablesProps.DatabaseName has to be 1 to 56 of a-z, 0-9 and _, beginning with a letter, got "Paper-Trail"`,
		`TablesProps.InvocationPrefix neither begins nor ends with /, got "prompts/"`,
		`TablesProps.Since has to be a day, got "yesterday"`,
		`TablesProps.TrailRegions comes without Trail, got 2 Regions`,
		`TablesProps.TrailRegions[0] has to be a Region, got "Europe"`,
		`TablesProps.TrailRegions[1] has to be a Region, got "nil"`,
	} {
		require.Contains(t, message, want)
	}
	assert.Contains(t, cdktest.Panics(t, func() {
		ledger.NewTables(f.stack, jsii.String("T"), &ledger.TablesProps{Invocations: f.prompts, Trail: f.prompts, TrailRegions: &[]*string{}})
	}), "TablesProps.TrailRegions is empty")
}
