package policy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// noValue stands for AWS::NoValue: the property or list entry that holds it is left out.
type noValue struct{}

// resolve returns v with every intrinsic function replaced by its value, seen from stack s.
// A function it does not know is an error: a guess could turn a denied request into an allowed one.
func (env environment) resolve(s *Stack, v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			value, err := env.call(s, name, argument)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return value, nil
		}
		resolved := make(map[string]any, len(v))
		for key, member := range v {
			value, err := env.resolve(s, member)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			if value != (noValue{}) {
				resolved[key] = value
			}
		}
		return resolved, nil
	case []any:
		resolved := make([]any, 0, len(v))
		for i, member := range v {
			value, err := env.resolve(s, member)
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			if value != (noValue{}) {
				resolved = append(resolved, value)
			}
		}
		return resolved, nil
	default:
		return v, nil
	}
}

// intrinsic takes {"Ref": …} or {"Fn::…": …} apart.
func intrinsic(v map[string]any) (name string, argument any, ok bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for name, argument = range v {
		ok = name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return name, argument, ok
}

func (env environment) call(s *Stack, name string, argument any) (any, error) {
	switch name {
	case "Ref":
		id, ok := argument.(string)
		if !ok {
			return nil, malformed(argument)
		}
		return env.reference(s, id)
	case "Fn::GetAtt":
		return env.getAtt(s, argument)
	case "Fn::Join":
		return env.join(s, argument)
	case "Fn::Sub":
		return env.sub(s, argument)
	case "Fn::Select":
		return env.selectFrom(s, argument)
	case "Fn::Split":
		return env.split(s, argument)
	case "Fn::ImportValue":
		return env.importValue(s, argument)
	case "Fn::GetStackOutput":
		return env.stackOutput(s, argument)
	default:
		return nil, fmt.Errorf("the function is not supported; add it to test/policy/resolve.go")
	}
}

func malformed(argument any) error {
	got, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	return fmt.Errorf("the argument %s is malformed; see the CloudFormation reference", got)
}

func (env environment) reference(s *Stack, id string) (any, error) {
	switch id {
	case "AWS::AccountId":
		return s.Account, nil
	case "AWS::Region":
		return s.Region, nil
	case "AWS::Partition":
		return partition(s.Region), nil
	case "AWS::URLSuffix":
		if partition(s.Region) == "aws-cn" {
			return "amazonaws.com.cn", nil
		}
		return "amazonaws.com", nil
	case "AWS::StackName":
		return s.Name, nil
	case "AWS::StackId":
		return fmt.Sprintf("arn:%s:cloudformation:%s:%s:stack/%s/id", partition(s.Region), s.Region, s.Account, s.Name), nil
	case "AWS::NoValue":
		return noValue{}, nil
	}
	if parameter, ok := section(s.Template, "Parameters")[id].(map[string]any); ok {
		value, ok := parameter["Default"]
		if !ok {
			return nil, fmt.Errorf("parameter %s has no Default", id)
		}
		return value, nil
	}
	return env.ref(s, id)
}

func (env environment) getAtt(s *Stack, argument any) (any, error) {
	switch argument := argument.(type) {
	case string:
		if id, attribute, ok := strings.Cut(argument, "."); ok {
			return env.attribute(s, id, attribute)
		}
	case []any:
		if len(argument) == 2 {
			id, ok := argument[0].(string)
			attribute, ok2 := argument[1].(string)
			if ok && ok2 {
				return env.attribute(s, id, attribute)
			}
		}
	}
	return nil, malformed(argument)
}

func (env environment) join(s *Stack, argument any) (any, error) {
	separator, list, err := env.separatorAnd(s, argument)
	if err != nil {
		return nil, err
	}
	members, ok := list.([]any)
	if !ok {
		return nil, malformed(argument)
	}
	parts := make([]string, 0, len(members))
	for _, member := range members {
		part, ok := member.(string)
		if !ok {
			return nil, malformed(argument)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, separator), nil
}

func (env environment) split(s *Stack, argument any) (any, error) {
	separator, whole, err := env.separatorAnd(s, argument)
	if err != nil {
		return nil, err
	}
	text, ok := whole.(string)
	if !ok {
		return nil, malformed(argument)
	}
	var parts []any
	for _, part := range strings.Split(text, separator) {
		parts = append(parts, part)
	}
	return parts, nil
}

// separatorAnd reads the arguments that Fn::Join and Fn::Split share.
func (env environment) separatorAnd(s *Stack, argument any) (string, any, error) {
	pair, ok := argument.([]any)
	if !ok || len(pair) != 2 {
		return "", nil, malformed(argument)
	}
	separator, ok := pair[0].(string)
	if !ok {
		return "", nil, malformed(argument)
	}
	rest, err := env.resolve(s, pair[1])
	return separator, rest, err
}

func (env environment) selectFrom(s *Stack, argument any) (any, error) {
	pair, ok := argument.([]any)
	if !ok || len(pair) != 2 {
		return nil, malformed(argument)
	}
	index, err := strconv.Atoi(fmt.Sprint(pair[0]))
	if err != nil {
		return nil, malformed(argument)
	}
	resolved, err := env.resolve(s, pair[1])
	if err != nil {
		return nil, err
	}
	list, ok := resolved.([]any)
	if !ok || index < 0 || index >= len(list) {
		return nil, malformed(argument)
	}
	return list[index], nil
}

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]+)\}`)

func (env environment) sub(s *Stack, argument any) (any, error) {
	text, isText := argument.(string)
	variables := map[string]any{}
	if pair, ok := argument.([]any); ok && len(pair) == 2 {
		text, isText = pair[0].(string)
		variables, ok = pair[1].(map[string]any)
		isText = isText && ok
	}
	if !isText {
		return nil, malformed(argument)
	}
	var failure error
	result := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		parts := placeholder.FindStringSubmatch(match)
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		var v any = map[string]any{"Ref": parts[2]}
		if given, ok := variables[parts[2]]; ok {
			v = given
		} else if strings.Contains(parts[2], ".") {
			v = map[string]any{"Fn::GetAtt": parts[2]}
		}
		value, err := env.resolveString(s, v)
		if err != nil && failure == nil {
			failure = err
		}
		return value
	})
	return result, failure
}

// importValue finds the export in the account and Region of the importing stack.
func (env environment) importValue(s *Stack, argument any) (any, error) {
	name, err := env.resolveString(s, argument)
	if err != nil {
		return nil, err
	}
	for _, producer := range env {
		if producer.Account != s.Account || producer.Region != s.Region {
			continue
		}
		for _, output := range section(producer.Template, "Outputs") {
			o, _ := output.(map[string]any)
			export := section(o, "Export")
			if export == nil {
				continue
			}
			if exported, err := env.resolveString(producer, export["Name"]); err == nil && exported == name {
				return env.resolve(producer, o["Value"])
			}
		}
	}
	return nil, fmt.Errorf("no loaded stack of account %s and Region %s exports %q; load the stack that does", s.Account, s.Region, name)
}

// stackOutput finds an output of a stack in the Region named, or else in the consumer's.
func (env environment) stackOutput(s *Stack, argument any) (any, error) {
	resolved, err := env.resolve(s, argument)
	if err != nil {
		return nil, err
	}
	arguments, ok := resolved.(map[string]any)
	if !ok {
		return nil, malformed(argument)
	}
	stackName, _ := arguments["StackName"].(string)
	outputName, _ := arguments["OutputName"].(string)
	region, ok := arguments["Region"].(string)
	if !ok {
		region = s.Region
	}
	for _, producer := range env {
		if producer.Name != stackName || producer.Region != region {
			continue
		}
		if output, ok := section(producer.Template, "Outputs")[outputName].(map[string]any); ok {
			return env.resolve(producer, output["Value"])
		}
		return nil, fmt.Errorf("stack %s has no output %q", stackName, outputName)
	}
	return nil, fmt.Errorf("stack %q of Region %s is not loaded; load it with the others", stackName, region)
}

func (env environment) resolveString(s *Stack, v any) (string, error) {
	resolved, err := env.resolve(s, v)
	if err != nil {
		return "", err
	}
	text, ok := resolved.(string)
	if !ok {
		return "", malformed(v)
	}
	return text, nil
}
