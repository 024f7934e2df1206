package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/bedrock-paper-trail/paper-trail/internal/misuse"
)

// WatchedModel is a model that alarms watch by itself.
type WatchedModel struct {
	// ModelID is the value of the dimension ModelId of the metrics in
	// AWS/Bedrock: the id of a foundation model, or of the inference profile that
	// callers pass. Required.
	ModelID *string
	// Name is what the alarms call it, unique among the models. Alarms are
	// replaced when it changes. Default: ModelID, unless that is known at
	// deployment only.
	Name *string
	// TokensPerMinuteQuota is the quota of the account for it, as Service Quotas
	// shows it. Default: not known, and the use of the quota is not watched.
	TokensPerMinuteQuota *float64
}

// watchedModel is a WatchedModel as plain values.
type watchedModel struct {
	id, name string
	quota    float64 // 0: not known
}

func (m watchedModel) series(name, statistic string) series {
	return series{namespace: bedrock, name: name, statistic: statistic, dimensions: map[string]string{"ModelId": m.id}}
}

func watchedModels(construct string, given *[]*WatchedModel) (models []watchedModel, problems []error) {
	problem := func(format string, args ...any) {
		problems = append(problems, misuse.Errorf(pkg, "%sProps.Models"+format, append([]any{construct}, args...)...))
	}
	if given == nil || len(*given) == 0 {
		problem(" is empty, got none; name the models to watch, or make no %s", construct)
		return nil, problems
	}
	seen := map[string]bool{}
	for i, model := range *given {
		if model == nil || text(model.ModelID) == "" {
			problem("[%d] has no ModelID, got none; set it, or remove the model", i)
			continue
		}
		m := watchedModel{id: *model.ModelID, name: text(model.Name), quota: or(model.TokensPerMinuteQuota, 0)}
		if m.name == "" {
			m.name = m.id
		}
		switch {
		case *awscdk.Token_IsUnresolved(jsii.String(m.name)):
			problem("[%d] has an id that is known at deployment only, got no Name; set a Name", i)
		case seen[m.name]:
			problem("[%d] has the name of another, got %q again; remove it or set a Name", i, m.name)
		}
		seen[m.name] = true
		if model.TokensPerMinuteQuota != nil && !(m.quota >= 1) {
			problem("[%d].TokensPerMinuteQuota has to be 1 or more, got %v; copy it from Service Quotas", i, m.quota)
		}
		models = append(models, m)
	}
	return models, problems
}
