package attribution_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bedrock-paper-trail/paper-trail/constructs/attribution"
	"github.com/bedrock-paper-trail/paper-trail/internal/cdktest"
)

const (
	sonnet = "anthropic.claude-sonnet-4-20250514-v1:0"
	nova   = "eu.amazon.nova-pro-v1:0"
)

func line(project, model string) *attribution.InferenceProfile {
	return &attribution.InferenceProfile{Project: jsii.String(project), Model: jsii.String(model)}
}

func table(lines ...*attribution.InferenceProfile) *attribution.InferenceProfilesProps {
	return &attribution.InferenceProfilesProps{Profiles: &lines}
}

func TestInferenceProfilesIsImportable(t *testing.T) {
	stack := cdktest.NewStack(t)
	cdktest.AssertImportable(t, attribution.NewInferenceProfiles(stack, jsii.String("Profiles"), table(line("chat", sonnet))))
	cdktest.Synth(t, stack)
}

func TestInferenceProfiles(t *testing.T) {
	stack := cdktest.NewStack(t)
	tag(stack)
	search := line("search", nova)
	search.Name, search.Description = jsii.String("Search nova"), jsii.String("Search")
	search.Tags = &map[string]*string{"team": jsii.String("blue")}
	profiles := attribution.NewInferenceProfiles(stack, jsii.String("Profiles"), table(
		line("chat", sonnet), search, line("chat", "global."+sonnet)))

	template := cdktest.Synth(t, stack)
	id, chat := template.Only(t, "AWS::Bedrock::ApplicationInferenceProfile", "Profileschatanthropic")
	assert.Equal(t, "chat-anthropic-claude-sonnet-4-20250514-v1-0", chat.Properties["InferenceProfileName"])
	assert.Equal(t, "Calls of "+sonnet+" for project chat", chat.Properties["Description"])
	assert.Contains(t, cdktest.JSON(t, chat.Properties["ModelSource"]), ":bedrock:eu-west-1::foundation-model/"+sonnet)
	assert.Equal(t, `[{"Key":"cost-center","Value":"4711"},{"Key":"environment","Value":"prod"},{"Key":"owner","Value":"platform@example.com"},{"Key":"project","Value":"chat"},{"Key":"team","Value":"red"}]`,
		cdktest.JSON(t, chat.Properties["Tags"]), "the profile's own project wins over the stack's")
	_, blue := template.Only(t, "AWS::Bedrock::ApplicationInferenceProfile", "ProfilesSearchnova")
	assert.Equal(t, "Search nova", blue.Properties["InferenceProfileName"])
	assert.Contains(t, cdktest.JSON(t, blue.Properties["ModelSource"]), ":bedrock:eu-west-1:111122223333:inference-profile/"+nova)
	assert.Contains(t, cdktest.JSON(t, blue.Properties["Tags"]), `{"Key":"team","Value":"blue"}`)

	assert.Len(t, template.Outputs, 3)
	assert.Contains(t, cdktest.JSON(t, template.Outputs), `{"Fn::GetAtt":["`+id+`","InferenceProfileArn"]}`)
	assert.Equal(t, id, stack.Resolve(profiles.Profile(jsii.String("chat"), jsii.String(sonnet)).LogicalId()))
}

func TestGrantInvoke(t *testing.T) {
	stack := cdktest.NewStack(t)
	profiles := attribution.NewInferenceProfiles(stack, jsii.String("Profiles"), table(
		line("chat", sonnet), line("chat", nova), line("search", sonnet)))
	role := awsiam.NewRole(stack, jsii.String("Caller"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)})
	profiles.GrantInvoke(role, jsii.String("chat"))

	_, policy := cdktest.Synth(t, stack).Only(t, "AWS::IAM::Policy", "Caller")
	document := policy.Properties["PolicyDocument"]
	allowed := cdktest.JSON(t, cdktest.Statement(t, document, "InvokeThroughProfiles")["Resource"])
	assert.Equal(t, 2, strings.Count(allowed, "InferenceProfileArn"))
	assert.NotContains(t, allowed, "search")
	models := cdktest.JSON(t, cdktest.Statement(t, document, "InvokeModelsOfProfiles"))
	assert.Contains(t, models, ":bedrock:eu-west-1::foundation-model/"+sonnet)
	assert.Contains(t, models, ":bedrock:*::foundation-model/amazon.nova-pro-v1:0")
	assert.Contains(t, models, `"ArnEquals":{"bedrock:InferenceProfileArn"`)
	denied := cdktest.Statement(t, document, "DenyModelsPastProfiles")
	assert.Equal(t, "Deny", denied["Effect"])
	assert.Contains(t, cdktest.JSON(t, denied), `"ArnNotEquals":{"bedrock:InferenceProfileArn"`)
	rest := cdktest.Statement(t, document, "DenyAllElse")
	assert.Equal(t, "Deny", rest["Effect"])
	assert.Contains(t, cdktest.JSON(t, rest["NotResource"]), ":inference-profile/"+nova)
	assert.Equal(t, "Deny", cdktest.Statement(t, document, "DenyCallsWithoutProfiles")["Effect"])
}

// A second grant would deny what the first allows, and the first what the
// second does: nothing would work, and the synthesis would not say so.
func TestGrantInvokeIsOneCallForAGrantee(t *testing.T) {
	stack := cdktest.NewStack(t)
	profiles := attribution.NewInferenceProfiles(stack, jsii.String("Profiles"), table(line("chat", sonnet), line("search", sonnet)))
	others := attribution.NewInferenceProfiles(stack, jsii.String("Others"), table(&attribution.InferenceProfile{
		Project: jsii.String("mail"), Model: jsii.String(nova), Name: jsii.String("mail")}))
	assumed := awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)
	function := awslambda.NewFunction(stack, jsii.String("Function"), &awslambda.FunctionProps{
		Code: awslambda.Code_FromInline(jsii.String("x")), Handler: jsii.String("index.handler"), Runtime: awslambda.Runtime_PYTHON_3_13()})
	for name, grantee := range map[string]awsiam.IGrantable{
		"Role":                 awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: assumed}),
		"Theirs":               awsiam.Role_FromRoleArn(stack, jsii.String("Theirs"), jsii.String("arn:aws:iam::"+cdktest.Account+":role/theirs"), nil),
		"Function/ServiceRole": function,
	} {
		cdktest.Panics(t, func() { profiles.GrantInvoke(grantee, jsii.String("no such")) })
		profiles.GrantInvoke(grantee, jsii.String("chat"))
		assert.Contains(t, cdktest.Panics(t, func() { profiles.GrantInvoke(grantee, jsii.String("search")) }),
			`InferenceProfiles.GrantInvoke of `+*stack.StackName()+`/Profiles got "search" for `+*stack.StackName()+`/`+name+`, which `+*stack.StackName()+`/Profiles grants "chat" already, and each grant denies what the other allows; make it one call with all of them: GrantInvoke(grantee, "chat", "search")`)
		assert.Contains(t, cdktest.Panics(t, func() { others.GrantInvoke(grantee, jsii.String("mail")) }),
			`Profiles grants "chat" already, and each grant denies what the other allows; put the profiles of both into one InferenceProfiles, and make it one call with all projects: GrantInvoke(grantee, "chat", "mail")`)
	}
	// Once is enough for the function, and for its role.
	assert.Contains(t, cdktest.Panics(t, func() { profiles.GrantInvoke(function.Role(), jsii.String("chat")) }), "already")
}

func TestGrantInvokeToSomebodyElsesPrincipalNamesTheStatements(t *testing.T) {
	stack := cdktest.NewStack(t)
	profiles := attribution.NewInferenceProfiles(stack, jsii.String("Profiles"), table(line("chat", sonnet)))
	theirs := awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::999999999999:role/theirs"))
	profiles.GrantInvoke(theirs, jsii.String("chat"))
	warnings := cdktest.Warnings(stack)
	require.Len(t, warnings, 5)
	assert.Contains(t, strings.Join(warnings, "\n"), "DenyModelsPastProfiles")
}

func TestInferenceProfilesMisuse(t *testing.T) {
	stack := cdktest.NewStack(t)
	make := func(lines ...*attribution.InferenceProfile) string {
		return cdktest.Panics(t, func() { attribution.NewInferenceProfiles(stack, jsii.String("P"), table(lines...)) })
	}
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewInferenceProfiles(nil, jsii.String("P"), nil) }), "InferenceProfiles needs a scope, got nil")
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewInferenceProfiles(stack, nil, nil) }), "InferenceProfiles needs an id, got none")
	assert.Contains(t, cdktest.Panics(t, func() { attribution.NewInferenceProfiles(stack, jsii.String("P"), nil) }), "name a project and a model at least")

	named := line("b", sonnet)
	named.Name = jsii.String("a-anthropic-claude-sonnet-4-20250514-v1-0")
	wrong := line("c", nova)
	wrong.Name, wrong.Description = jsii.String("two  spaces"), jsii.String(strings.Repeat("d", 201))
	wrong.Tags = &map[string]*string{"aws:x": jsii.String("y"), "project": jsii.String("other")}
	described := func(project, text string) *attribution.InferenceProfile {
		l := line(project, sonnet)
		l.Description = jsii.String(text)
		return l
	}
	message := make(line("a", sonnet), named, line("a", sonnet), line("", ""), nil, line("Chat", sonnet), line("chat", nova), line("d", "claude"), wrong,
		described("e", "Calls, for chat"), described("f", "two  spaces"), described("g", "Anrufe für Suche"), described("h", "Calls of v1:0 for chat_1-"))
	assert.NotContains(t, message, "Profiles[12]")
	for _, want := range []string{
		`paper-trail/attribution: InferenceProfilesProps.Profiles[1]: the name "a-anthropic-claude-sonnet-4-20250514-v1-0" is that of line 0 as well; give one of them another Name`,
		`Profiles[2]: project "a" and model "` + sonnet + `" are in line 0 as well; remove one`,
		`Profiles[3]: Project is missing`, `Profiles[3]: Model is missing`,
		`Profiles[4]: got nil; remove the line`,
		`Profiles[6]: Project is "chat" here and "Chat" elsewhere, and the bill tells them apart; spell it alike`,
		`Profiles[7]: Model: the form of the model id is unknown, got "claude"; use the id`,
		`Profiles[8]: Name has to be 1 to 64 letters`, `Profiles[8]: Description has 201 characters`,
		`Profiles[9]: Description has to be letters, digits, : and . of ASCII, with single spaces, hyphens and underscores between, got "Calls, for chat"; remove`,
		`Profiles[10]: Description has to be letters`, `Profiles[11]: Description has to be letters`,
		`Profiles[8]: Tags has the tag project, got "other"; set Project instead`, `Profiles[8]: tag "aws:x"`,
	} {
		assert.Contains(t, message, want)
	}

	profiles := attribution.NewInferenceProfiles(stack, jsii.String("Q"), table(line("chat", sonnet)))
	assert.Contains(t, cdktest.Panics(t, func() { profiles.Profile(jsii.String("chat"), jsii.String(nova)) }), `no profile for project "chat" and model "`+nova+`"; take one of "chat" and "`+sonnet+`"`)
	assert.Contains(t, cdktest.Panics(t, func() { profiles.GrantInvoke(nil, jsii.String("chat")) }), "needs grantee, got nil")
	role := awsiam.NewRole(stack, jsii.String("R"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	assert.Contains(t, cdktest.Panics(t, func() { profiles.GrantInvoke(role) }), "needs a project, got none")
	assert.Contains(t, cdktest.Panics(t, func() { profiles.GrantInvoke(role, jsii.String("x")) }), `no profile for project "x"`)
}
