package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

var update = flag.Bool("update", false, "rewrite environments.schema.json from the types")

const (
	sampleFile = "../environments.yaml"
	schemaFile = "../environments.schema.json"
)

func TestSchemaIsGeneratedFromTheTypes(t *testing.T) {
	t.Parallel()
	want := generateSchema(t)
	if *update {
		require.NoError(t, os.WriteFile(schemaFile, want, 0o644))
	}
	got, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "run: go test ./config -update")
}

func TestSampleSatisfiesTheSchema(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(sampleFile)
	require.NoError(t, err)
	assert.NoError(t, schemaCheck(t, string(sample)))
	assert.NoError(t, schemaCheck(t, starter))
}

func TestSchemaRefusesWhatItCanSee(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no environment":    "environments: {}",
		"unknown top key":   "defaults: {}\n" + starter,
		"unknown key":       edit(t, "removal: retain", "removel: retain"),
		"environment name":  edit(t, "dev:", "Dev:"),
		"account":           edit(t, `"111111111111"`, `"1111"`),
		"account as number": edit(t, `"111111111111"`, `111111111111`),
		"region":            edit(t, "eu-west-1", "Ireland"),
		"removal":           edit(t, "removal: retain", "removal: keep"),
		"lock mode":         edit(t, "COMPLIANCE", "compliance"),
		"lock days":         edit(t, "days: 2557", "days: 0"),
		"expiry":            edit(t, "expireAfterDays: 3000", "expireAfterDays: 2147483648"),
		"address":           edit(t, "team@example.com", "a@[1.2.3.4]"),
		"log retention":     edit(t, "logRetentionDays: 2557", "logRetentionDays: 2555"),
		"threshold":         edit(t, "threshold: 5", "threshold: 0"),
		"period":            edit(t, "periodMinutes: 5", "periodMinutes: 0"),
		"interval":          edit(t, "intervalMinutes: 30", "intervalMinutes: 0"),
		"heals":             edit(t, "healsPerHour: 2", "healsPerHour: 61"),
		"look back":         edit(t, "lookBackHours: 4", "lookBackHours: 0"),
		"query limit":       edit(t, "queryLimitGigabytes: 50", "queryLimitGigabytes: 0"),
		"identifier":        edit(t, "EmailAddress", "Email Address"),
		"role":              edit(t, "role/break-glass", "user/root"),
		"tag characters":    edit(t, "project: paper-trail", "project: paper?trail"),
		"required tag":      edit(t, "owner: team", "owned-by: team"),
		"tags left out":     "environments: {dev: {removal: destroy}}",
	} {
		assert.Error(t, schemaCheck(t, text), name)
		_, err := Parse("environments.yaml", []byte(text))
		assert.Error(t, err, "%s: Parse is at least as strict", name)
	}
	require.NoError(t, schemaCheck(t, complete))
}

// schemaCheck validates YAML text as an editor would.
func schemaCheck(t *testing.T, text string) error {
	t.Helper()
	var content any
	require.NoError(t, yaml.Unmarshal([]byte(text), &content))
	data, err := json.Marshal(content)
	require.NoError(t, err)
	instance, err := validator.UnmarshalJSON(strings.NewReader(string(data)))
	require.NoError(t, err)
	return compiledSchema(t).Validate(instance)
}

func compiledSchema(t *testing.T) *validator.Schema {
	t.Helper()
	document, err := validator.UnmarshalJSON(strings.NewReader(string(generateSchema(t))))
	require.NoError(t, err)
	compiler := validator.NewCompiler()
	require.NoError(t, compiler.AddResource("environments.schema.json", document))
	schema, err := compiler.Compile("environments.schema.json")
	require.NoError(t, err)
	return schema
}

// generateSchema reflects the types. Descriptions are their doc comments, and
// limits are the ones that the checks use.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{
		Anonymous:                  true,
		ExpandedStruct:             true,
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		Mapper:                     enumSchema,
	}
	require.NoError(t, r.AddGoComments(reflect.TypeFor[File]().PkgPath(), "."))
	for name, comment := range r.CommentMap {
		r.CommentMap[name] = strings.Join(strings.Fields(comment), " ")
	}
	root := r.Reflect(File{})
	addLimits(root)
	data, err := json.MarshalIndent(root, "", "  ")
	require.NoError(t, err)
	return append(data, '\n')
}

func enumSchema(t reflect.Type) *jsonschema.Schema {
	e, ok := reflect.Zero(t).Interface().(interface{ values() []string })
	if !ok {
		return nil
	}
	schema := &jsonschema.Schema{Type: "string"}
	for _, value := range e.values() {
		schema.Enum = append(schema.Enum, value)
	}
	return schema
}

// addLimits tells the schema what the types cannot say.
func addLimits(root *jsonschema.Schema) {
	field := func(s *jsonschema.Schema, key string) *jsonschema.Schema {
		property, ok := s.Properties.Get(key)
		if !ok {
			panic("no property " + key)
		}
		return property
	}
	between := func(s *jsonschema.Schema, least, most int) {
		s.Minimum, s.Maximum = json.Number(fmt.Sprint(least)), json.Number(fmt.Sprint(most))
	}

	root.Required = []string{"environments"}
	environments := field(root, "environments")
	environments.MinProperties = new(uint64(1))
	environments.PropertyNames = &jsonschema.Schema{Pattern: namePattern.String()}

	environment := root.Definitions["Environment"]
	environment.Required = []string{"tags"}
	field(environment, "account").Pattern = accountPattern.String()
	field(environment, "region").Pattern = "^$|" + regionPattern.String()
	field(environment, "additionalRegions").Items.Pattern = regionPattern.String()
	field(environment, "additionalRegions").UniqueItems = true
	between(field(environment, "expireAfterDays"), 2, maxExpireDays)
	for _, days := range logRetentions {
		retention := field(environment, "logRetentionDays")
		retention.Enum = append(retention.Enum, days)
	}
	field(environment, "maskedDataIdentifiers").Items.Pattern = identifierPattern.String()
	field(environment, "maskedDataIdentifiers").UniqueItems = true
	field(environment, "breakGlassRoleArn").Pattern = "^$|" + roleArnPattern.String()
	field(root.Definitions["Trail"], "excludedDataEventTypes").Items.Pattern = eventTypePattern.String()
	field(root.Definitions["InvocationLogging"], "adoptedRoleArn").Pattern = "^$|" + roleArnPattern.String()

	alarms := root.Definitions["Alarms"]
	field(alarms, "without").UniqueItems = true
	field(alarms, "requiredMetadata").Items.Pattern = metadataKeyPattern.String()
	field(alarms, "requiredMetadata").UniqueItems = true
	field(alarms, "requiredMetadata").MinItems = new(uint64(1))
	field(alarms, "requiredMetadata").MaxItems = new(uint64(maxMetadataKeys))
	field(alarms, "allowedCallers").Items.Pattern = roleArnPattern.String()
	root.Definitions["WatchedModel"].Required = []string{"id"}
	field(root.Definitions["WatchedModel"], "id").MinLength = new(uint64(1))
	field(root.Definitions["WatchedModel"], "tokensPerMinuteQuota").Minimum = "0"
	field(root.Definitions["Costs"], "monthlyBudget").Minimum = "0"
	between(field(root.Definitions["Costs"], "backfillMonths"), 0, maxBackfillMonths)
	field(root.Definitions["Costs"], "services").MinItems = new(uint64(1))
	field(root.Definitions["Costs"], "services").UniqueItems = true
	field(root.Definitions["Costs"], "services").Items.MinLength = new(uint64(1))
	project := root.Definitions["Project"]
	project.Required = []string{"name", "models"}
	field(project, "name").Pattern = tagrules.Pattern
	field(project, "name").MinLength = new(uint64(1))
	field(project, "name").MaxLength = new(uint64(tagrules.MaxValueLength))
	field(project, "models").MinItems = new(uint64(1))
	field(project, "models").UniqueItems = true
	field(project, "models").Items.MinLength = new(uint64(1))
	field(project, "monthlyBudget").Minimum = "0"

	tags := field(environment, "tags")
	tags.MaxProperties = new(uint64(tagrules.MaxTags))
	tags.PropertyNames = &jsonschema.Schema{Pattern: tagrules.Pattern, MinLength: new(uint64(1)), MaxLength: new(uint64(tagrules.MaxKeyLength))}
	tags.AdditionalProperties.Pattern = tagrules.Pattern
	tags.AdditionalProperties.MinLength = new(uint64(1))
	tags.AdditionalProperties.MaxLength = new(uint64(tagrules.MaxValueLength))
	for _, key := range tagrules.Required() {
		if key != "environment" { // has a default
			tags.Required = append(tags.Required, key)
		}
	}

	between(field(root.Definitions["ObjectLock"], "days"), 1, maxLockDays)
	field(root.Definitions["Throttling"], "threshold").Minimum = "1"
	between(field(root.Definitions["Throttling"], "periodMinutes"), 1, maxPeriodMinutes)
	between(field(root.Definitions["Guard"], "intervalMinutes"), 1, maxIntervalMinutes)
	between(field(root.Definitions["Ledger"], "lookBackHours"), 1, maxLookBackHours)
	between(field(root.Definitions["Ledger"], "queryLimitGigabytes"), 1, maxQueryGigabytes)
	between(field(root.Definitions["Guard"], "healsPerHour"), 0, maxHealsPerHour)
	for _, list := range []string{"emails", "warningEmails"} {
		addresses := field(root.Definitions["Alerts"], list).Items
		addresses.Format, addresses.Pattern = "email", emailPattern.String()
	}
}
