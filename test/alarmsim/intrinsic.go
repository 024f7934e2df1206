package alarmsim

import (
	"encoding/json"
	"strings"
)

// Resolve gives text for what only a deployment knows, the same for the same
// reference: ${ID} for Ref, ${ID.Attribute} for Fn::GetAtt, and the JSON of any
// other function than Fn::Join, which is joined.
func Resolve(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = Resolve(element)
		}
		return list
	case map[string]any:
		if text, ok := reference(v); ok {
			return text
		}
		properties := map[string]any{}
		for name, value := range v {
			properties[name] = Resolve(value)
		}
		return properties
	}
	return v
}

func reference(v map[string]any) (string, bool) {
	if len(v) != 1 {
		return "", false
	}
	for function, argument := range v {
		list, _ := argument.([]any)
		switch {
		case function == "Ref":
			id, ok := argument.(string)
			return "${" + id + "}", ok
		case function == "Fn::GetAtt" && len(list) == 2:
			id, _ := list[0].(string)
			attribute, ok := list[1].(string)
			return "${" + id + "." + attribute + "}", ok
		case function == "Fn::Join" && len(list) == 2:
			return join(list)
		case strings.HasPrefix(function, "Fn::"):
			raw, err := json.Marshal(v)
			// Quotation marks would end a name in a query or rule.
			return "${" + strings.NewReplacer(`"`, "", `'`, "").Replace(string(raw)) + "}", err == nil
		}
	}
	return "", false
}

func join(list []any) (string, bool) {
	separator, ok := list[0].(string)
	parts, isList := Resolve(list[1]).([]any)
	if !ok || !isList {
		return "", false
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		if texts[i], ok = part.(string); !ok {
			return "", false
		}
	}
	return strings.Join(texts, separator), true
}
