package attribution

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbedrock"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
	"github.com/bedrock-paper-trail/paper-trail/internal/policies"
	"github.com/bedrock-paper-trail/paper-trail/internal/tagrules"
)

// InferenceProfiles are application inference profiles, one for each project
// and model. A foundation model cannot be tagged; what calls cost is told apart
// on the bill by the tags of the profile that they go through.
//
// A profile takes the place of the model id in InvokeModel,
// InvokeModelWithResponseStream, Converse and ConverseStream, on-demand, on the
// bedrock-runtime endpoint. Calls on the bedrock-mantle endpoint, provisioned
// throughput, and custom and imported models do not go through profiles; batch
// jobs, asynchronous and bidirectional calls are not documented to, and are not
// granted here.
type InferenceProfiles interface {
	constructs.Construct
	// Profile is the profile of a project and model, as they are written in the
	// table. It panics where there is none.
	Profile(project, model *string) awsbedrock.CfnApplicationInferenceProfile
	// Models are the models behind the profiles, by the ARN of the profile, which is
	// what a record of a call through it names.
	Models() map[string]string
	// GrantInvoke lets grantee call models through the project's profiles only:
	// it allows the profiles and, through them, their models, and denies every
	// other InvokeModel and InvokeModelWithResponseStream (which Converse,
	// ConverseStream, asynchronous calls and RetrieveAndGenerate are to IAM),
	// batch jobs and inference on the bedrock-mantle endpoint, whatever else the
	// grantee is allowed.
	//
	// It neither allows nor denies what calls models without those: InvokeAgent,
	// InvokeInlineAgent and InvokeFlow, reranking, data automation, and jobs of
	// evaluation, customisation and prompt optimisation. Agents, flows and jobs
	// call under roles of their own, which take a grant each; deny the rest where
	// it is not wanted.
	//
	// A grantee that works for several projects gets one call with all
	// of them: a second grant would deny what the first allows, so it panics,
	// whichever InferenceProfiles made the first.
	GrantInvoke(grantee awsiam.IGrantable, projects ...*string) awsiam.Grant
}

// InferenceProfile is a line of the table.
type InferenceProfile struct {
	// Project is the value of the profile's tag "project": 1 to 256 letters,
	// digits, spaces and _ . : / = + - @. Required.
	Project *string
	// Model is the id or ARN of a foundation model, or of a cross-Region
	// inference profile (eu.…, us.…, global.…), in the Region of the stack: AWS
	// copies from no other. Required.
	Model *string
	// Name is the profile's name: up to 64 letters and digits, with single
	// spaces, hyphens and underscores between. Default: project and model,
	// other characters as hyphens, shortened.
	Name *string
	// Description is up to 200 letters, digits, colons and full stops, with
	// single spaces, hyphens and underscores between. Default: names model and
	// project, other characters as spaces, shortened.
	Description *string
	// Tags are further tags. Default: those that CostTags adds.
	Tags *map[string]*string
}

// InferenceProfilesProps configures InferenceProfiles.
type InferenceProfilesProps struct {
	// Profiles is the table. At least one line is required.
	Profiles *[]*InferenceProfile
}

type inferenceProfiles struct {
	constructs.Construct
	place policies.Place
	rows  []row
}

// row is a profile with what it was made from.
type row struct {
	project, model, name, description string
	source                            modelSource
	tags                              map[string]string
	profile                           awsbedrock.CfnApplicationInferenceProfile
}

var _ InferenceProfiles = (*inferenceProfiles)(nil)

// NewInferenceProfiles makes the profiles of the table, tagged, each with an
// output that holds its ARN, which is what an application passes as the model
// id.
//
// It panics on an empty table, on a model id of unknown form, on two lines for
// one project and model or of one name, and on tags that AWS would reject; all
// problems are in one message.
func NewInferenceProfiles(scope constructs.Construct, id *string, props *InferenceProfilesProps) InferenceProfiles {
	misuse.RequireScope(pkg, "InferenceProfiles", scope, id)
	if props == nil {
		props = &InferenceProfilesProps{}
	}
	place := policies.At(scope)
	rows, problems := tabulate(props.Profiles, place.Region)
	misuse.PanicAll(problems)

	this := &inferenceProfiles{place: place, rows: rows}
	constructs.NewConstruct_Override(this, scope, id)
	for i := range this.rows {
		r := &this.rows[i]
		// The id is the name: it is unique, and a changed line replaces its own
		// profile only.
		r.profile = awsbedrock.NewCfnApplicationInferenceProfile(this, jsii.String(r.name), &awsbedrock.CfnApplicationInferenceProfileProps{
			InferenceProfileName: jsii.String(r.name),
			Description:          jsii.String(r.description),
			ModelSource:          &awsbedrock.CfnApplicationInferenceProfile_InferenceProfileModelSourceProperty{CopyFrom: this.sourceArn(r.source)},
		})
		for _, key := range slices.Sorted(maps.Keys(r.tags)) {
			r.profile.CdkTagManager().SetTag(jsii.String(key), jsii.String(r.tags[key]), jsii.Number(ownTagPriority), nil)
		}
		awscdk.NewCfnOutput(this, jsii.String(r.name+"Arn"), &awscdk.CfnOutputProps{
			Description: jsii.String("Pass this as the model id: " + r.model + " for project " + r.project),
			Value:       r.profile.AttrInferenceProfileArn(),
		})
	}
	return this
}

// ownTagPriority is above that of tags which a scope hands down, 100: the
// project of the profile is not that of the stack it is declared in.
const ownTagPriority = 200

// sourceArn is what the profile copies.
func (p *inferenceProfiles) sourceArn(s modelSource) *string {
	switch {
	case s.arn != "":
		return jsii.String(s.arn)
	case s.reach == regional:
		return jsii.String(strings.Join([]string{"arn", p.place.Partition, "bedrock", p.place.Region, "", "foundation-model/" + s.modelID}, ":"))
	default:
		return p.place.Arn("bedrock", "inference-profile/"+s.id)
	}
}

func (p *inferenceProfiles) Profile(project, model *string) awsbedrock.CfnApplicationInferenceProfile {
	misuse.RequireText(pkg, "InferenceProfiles.Profile", "project", project)
	misuse.RequireText(pkg, "InferenceProfiles.Profile", "model", model)
	for _, r := range p.rows {
		if r.project == *project && r.model == *model {
			return r.profile
		}
	}
	misuse.Panicf(pkg, "InferenceProfiles has no profile for project %q and model %q; take one of %s", *project, *model, strings.Join(p.names(), ", "))
	return nil
}

func (p *inferenceProfiles) Models() map[string]string {
	models := map[string]string{}
	for _, r := range p.rows {
		models[*r.profile.AttrInferenceProfileArn()] = r.model
	}
	return models
}

func (p *inferenceProfiles) names() []string {
	var names []string
	for _, r := range p.rows {
		names = append(names, fmt.Sprintf("%q and %q", r.project, r.model))
	}
	return names
}

// invoke are the actions of all four operations: Converse is InvokeModel to IAM
// (Amazon Bedrock user guide, "Prerequisites for running model inference").
var invoke = []string{"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}

// unprofiled are further calls of foundation models, which no profile is
// documented for: batch jobs, and the endpoint bedrock-mantle (Service
// Authorization Reference, "Amazon Bedrock" and "Amazon Bedrock Mantle").
var unprofiled = []string{"bedrock:CreateModelInvocationJob", "bedrock-mantle:CreateInference"}

func (p *inferenceProfiles) GrantInvoke(grantee awsiam.IGrantable, projects ...*string) awsiam.Grant {
	if misuse.IsNil(grantee) {
		misuse.Panicf(pkg, "InferenceProfiles.GrantInvoke needs grantee, got nil; pass the role that calls")
	}
	if len(projects) == 0 {
		misuse.Panicf(pkg, "InferenceProfiles.GrantInvoke needs a project, got none; name one of %s", strings.Join(p.names(), ", "))
	}
	var profiles, models, copied []*string
	foundationModels := jsii.String("arn:" + p.place.Partition + ":bedrock:*::foundation-model/*")
	for _, project := range projects {
		misuse.RequireText(pkg, "InferenceProfiles.GrantInvoke", "project", project)
		known := false
		for _, r := range p.rows {
			if r.project == *project {
				known = true
				profiles = append(profiles, r.profile.AttrInferenceProfileArn())
				models = append(models, p.modelArns(r.source)...)
				if r.source.reach != regional {
					copied = append(copied, p.sourceArn(r.source))
				}
			}
		}
		if !known {
			misuse.Panicf(pkg, "InferenceProfiles has no profile for project %q; take one of %s", *project, strings.Join(p.names(), ", "))
		}
	}
	principal := grantee.GrantPrincipal()
	p.markGranted(principal, projects)
	grant := func(s policies.Statement) awsiam.Grant {
		statement := s.Build()
		added := principal.AddToPrincipalPolicy(statement)
		if !*added.StatementAdded {
			misuse.Warn(p, "InferenceProfiles.grantee."+s.Sid, "The policy of the grantee cannot be extended from this stack. Its owner has to add this statement:\n"+policies.Text(p, statement))
		}
		return awsiam.Grant_Drop(grantee, jsii.String("PaperTrail"+s.Sid))
	}
	// A call through a profile needs both: the profile, and its model in each
	// Region that may serve the call. The condition ties the second to the first.
	through := func(operator string) map[string]map[string]any {
		return map[string]map[string]any{operator: {"bedrock:InferenceProfileArn": profiles}}
	}
	all := grant(policies.Statement{Sid: "InvokeThroughProfiles", Actions: invoke, Resources: profiles})
	all = all.Combine(grant(policies.Statement{Sid: "InvokeModelsOfProfiles", Actions: invoke, Resources: unique(models), Conditions: through("ArnEquals")}))
	// A bare call has no profile, and a negated condition holds where its key is
	// absent (IAM user guide, "Condition operators").
	all = all.Combine(grant(policies.Statement{
		Sid: "DenyModelsPastProfiles", Deny: true, Actions: invoke,
		Resources:  []*string{foundationModels},
		Conditions: through("ArnNotEquals"),
	}))
	// By resource, since the condition key is documented for models. Copied
	// cross-Region profiles are left to the statement above, in case IAM looks at
	// them too.
	all = all.Combine(grant(policies.Statement{
		Sid: "DenyAllElse", Deny: true, Actions: invoke,
		NotResources: append(append(slices.Clone(profiles), unique(copied)...), foundationModels),
	}))
	return all.Combine(grant(policies.Statement{
		Sid: "DenyCallsWithoutProfiles", Deny: true, Actions: unprofiled, Resources: *policies.Strings("*"),
	}))
}

// What a grant leaves in the principal's stack, for the next one to find.
const (
	grantMark     = "InvokesThroughProfiles"
	grantedHere   = "paper-trail:projects"
	grantedByPath = "paper-trail:profiles"
)

// markGranted panics where the principal has a grant already. The mark is a
// construct without resources, since the other grant may be of another
// InferenceProfiles. Principals that are no constructs belong to somebody else:
// their policies are not extended from here.
func (p *inferenceProfiles) markGranted(principal awsiam.IPrincipal, projects []*string) {
	construct, ok := principal.(constructs.IConstruct)
	if !ok {
		return
	}
	var quoted []string
	for _, project := range projects {
		quoted = append(quoted, fmt.Sprintf("%q", *project))
	}
	names, path := strings.Join(quoted, ", "), *p.Node().Path()
	stack, id := awscdk.Stack_Of(construct), jsii.String(grantMark+*construct.Node().Addr())
	if mark := stack.Node().TryFindChild(id); mark != nil {
		by, first := mark.Node().TryGetContext(jsii.String(grantedByPath)), mark.Node().TryGetContext(jsii.String(grantedHere))
		advice := "make it one call with all of them"
		if by != path {
			advice = "put the profiles of both into one InferenceProfiles, and make it one call with all projects"
		}
		misuse.Panicf(pkg, "InferenceProfiles.GrantInvoke of %s got %s for %s, which %s grants %s already, and each grant denies what the other allows; %s: GrantInvoke(grantee, %v, %s)",
			path, names, *construct.Node().Path(), by, first, advice, first, names)
	}
	mark := constructs.NewConstruct(stack, id).Node()
	mark.SetContext(jsii.String(grantedHere), names)
	mark.SetContext(jsii.String(grantedByPath), path)
}

// modelArns name the model wherever a call through the profile may end up.
func (p *inferenceProfiles) modelArns(s modelSource) []*string {
	arn := func(region string) *string {
		return jsii.String(strings.Join([]string{"arn", p.place.Partition, "bedrock", region, "", "foundation-model/" + s.modelID}, ":"))
	}
	switch s.reach {
	case regional:
		return []*string{arn(p.place.Region)}
	default:
		// The Regions of a geography grow, and a global call names none (Amazon
		// Bedrock user guide, "Global cross-Region inference"). The condition
		// holds the grant to the profile.
		return []*string{arn("*")}
	}
}

func unique(arns []*string) []*string {
	var out []*string
	seen := map[string]bool{}
	for _, arn := range arns {
		if !seen[*arn] {
			seen[*arn] = true
			out = append(out, arn)
		}
	}
	return out
}

// nameForm and the lengths are those of CreateInferenceProfile (Amazon Bedrock
// API reference).
var (
	nameForm        = regexp.MustCompile(`^([0-9a-zA-Z][ _-]?)+$`)
	notInName       = regexp.MustCompile(`[^0-9a-zA-Z]+`)
	descriptionForm = regexp.MustCompile(`^([0-9a-zA-Z:.][ _-]?)+$`)
	betweenWords    = regexp.MustCompile(`[^0-9a-zA-Z:.]+`)
	maxName         = 64
	maxDescribed    = 200
)

// regionForm is that of a Region's name, and of no token.
var regionForm = regexp.MustCompile(`^[a-z0-9-]+$`)

// tabulate turns the table into rows and lists all that is wrong with it. region
// is where the profiles are made, or a token.
func tabulate(table *[]*InferenceProfile, region string) ([]row, []error) {
	if table == nil || len(*table) == 0 {
		return nil, []error{misuse.Errorf(pkg, "InferenceProfiles needs InferenceProfilesProps.Profiles, got none; name a project and a model at least")}
	}
	var rows []row
	var problems []error
	named, paired := map[string]int{}, map[string]int{}
	spelled := map[string]string{}
	for i, line := range *table {
		add := func(format string, args ...any) {
			problems = append(problems, misuse.Errorf(pkg, "InferenceProfilesProps.Profiles[%d]: "+format, append([]any{i}, args...)...))
		}
		if line == nil {
			add("got nil; remove the line")
			continue
		}
		r := row{project: value(line.Project), model: value(line.Model), name: value(line.Name), description: value(line.Description), tags: map[string]string{}}
		if line.Tags != nil {
			for key, tag := range *line.Tags {
				r.tags[key] = value(tag)
			}
		}
		if own, ok := r.tags["project"]; ok && own != r.project {
			add("Tags has the tag project, got %q; set Project instead", own)
		}
		if r.project == "" {
			add("Project is missing; it becomes the tag that the bill is split by")
		} else {
			r.tags["project"] = r.project
		}
		for _, problem := range tagrules.Invalid(r.tags) {
			add("tag %q: %s", problem.Key, problem.Text)
		}
		// Cost Explorer tells Chat from chat, and adds up neither.
		if other, ok := spelled[strings.ToLower(r.project)]; ok && other != r.project {
			add("Project is %q here and %q elsewhere, and the bill tells them apart; spell it alike", r.project, other)
		} else {
			spelled[strings.ToLower(r.project)] = r.project
		}
		var err error
		if r.model == "" {
			add("Model is missing; give the id of a model or of a cross-Region inference profile")
		} else if r.source, err = parseModelSource(r.model); err != nil {
			add("Model: %v", err)
		} else if r.source.region != "" && regionForm.MatchString(region) && r.source.region != region {
			add("Model is of Region %s, got %q, and a profile copies from its own Region, %s; give the ARN there, or the id", r.source.region, r.model, region)
		}
		if r.name == "" {
			r.name = defaultName(r.project, r.source.id)
		}
		if len(r.name) > maxName || !nameForm.MatchString(r.name) {
			add("Name has to be 1 to %d letters and digits, with single spaces, hyphens and underscores between, got %q", maxName, r.name)
		}
		if r.description == "" {
			r.description = defaultDescription(r.project, r.source.id)
		} else {
			if n := utf8.RuneCountInString(r.description); n > maxDescribed {
				add("Description has %d characters, and AWS takes %d at most; shorten it", n, maxDescribed)
			}
			if !descriptionForm.MatchString(r.description) {
				add("Description has to be letters, digits, : and . of ASCII, with single spaces, hyphens and underscores between, got %q; remove the other characters", r.description)
			}
		}
		if first, ok := paired[r.project+"\x00"+r.model]; ok && r.model != "" {
			add("project %q and model %q are in line %d as well; remove one", r.project, r.model, first)
		} else if first, ok := named[r.name]; ok {
			add("the name %q is that of line %d as well; give one of them another Name", r.name, first)
		}
		paired[r.project+"\x00"+r.model], named[r.name] = i, i
		rows = append(rows, r)
	}
	return rows, problems
}

func defaultName(project, model string) string {
	name := strings.Trim(notInName.ReplaceAllString(project+"-"+model, "-"), "-")
	return strings.TrimRight(shorten(name, maxName), "-")
}

// defaultDescription names the model, and of the project what AWS takes.
func defaultDescription(project, model string) string {
	text := "Calls of " + model
	if named := notInName.ReplaceAllString(project, ""); named != "" {
		text += " for project " + project
	}
	// One space, hyphen or underscore stays; anything else becomes one space.
	text = betweenWords.ReplaceAllStringFunc(text, func(between string) string {
		if between == "-" || between == "_" {
			return between
		}
		return " "
	})
	return strings.TrimRight(shorten(text, maxDescribed), " _-")
}

func shorten(text string, most int) string {
	if len(text) > most {
		return text[:most]
	}
	return text
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
