package picture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Body is a dashboard's body (CloudWatch API reference, "Dashboard Body
// Structure and Syntax").
type Body struct {
	Start          string   `json:"start"`
	PeriodOverride string   `json:"periodOverride"`
	Widgets        []Widget `json:"widgets"`
}

// Widget is one widget in the grid of 24 columns.
type Widget struct {
	Type       string          `json:"type"`
	X          int             `json:"x"`
	Y          int             `json:"y"`
	Width      int             `json:"width"`
	Height     int             `json:"height"`
	Properties json.RawMessage `json:"properties"`
}

type textProperties struct {
	Markdown string `json:"markdown"`
}

type alarmProperties struct {
	Title  string   `json:"title"`
	Alarms []string `json:"alarms"`
}

type graphProperties struct {
	Title   string              `json:"title"`
	Region  string              `json:"region"`
	View    string              `json:"view"`
	Stacked bool                `json:"stacked"`
	Period  int                 `json:"period"`
	Metrics [][]json.RawMessage `json:"metrics"`
	YAxis   struct {
		Left struct {
			Label     string   `json:"label"`
			Min       float64  `json:"min"`
			Max       *float64 `json:"max"`
			ShowUnits bool     `json:"showUnits"`
		} `json:"left"`
	} `json:"yAxis"`
}

type metricOptions struct {
	Expression string `json:"expression"`
	ID         string `json:"id"`
	Label      string `json:"label"`
	Stat       string `json:"stat"`
	Color      string `json:"color"`
}

// Parse reads a body. A member that the picture would not show is an error.
func Parse(text string) (Body, error) {
	var body Body
	if err := strict([]byte(text), &body); err != nil {
		return Body{}, fmt.Errorf("the dashboard's body: %w", err)
	}
	if body.Start != "-P7D" || body.PeriodOverride != "inherit" {
		return Body{}, fmt.Errorf("the dashboard shows %s with periods %q; the picture knows -P7D and inherit", body.Start, body.PeriodOverride)
	}
	return body, nil
}

func strict(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// FromTemplate is the text of the only dashboard's body in a template. What
// CloudFormation would look up is replaced by the account's, Region's or
// resource's name.
func FromTemplate(template map[string]any, region string) (string, error) {
	resources, _ := template["Resources"].(map[string]any)
	var bodies []any
	for _, r := range resources {
		resource, _ := r.(map[string]any)
		if resource["Type"] == "AWS::CloudWatch::Dashboard" {
			properties, _ := resource["Properties"].(map[string]any)
			bodies = append(bodies, properties["DashboardBody"])
		}
	}
	if len(bodies) != 1 {
		return "", fmt.Errorf("the template has %d dashboards; give one with a single dashboard", len(bodies))
	}
	return resolve(bodies[0], region)
}

func resolve(value any, region string) (string, error) {
	if text, ok := value.(string); ok {
		return text, nil
	}
	intrinsic, _ := value.(map[string]any)
	if ref, ok := intrinsic["Ref"].(string); ok {
		if pseudo, known := map[string]string{"AWS::Region": region, "AWS::Partition": "aws", "AWS::AccountId": "111122223333"}[ref]; known {
			return pseudo, nil
		}
		return ref, nil
	}
	if attribute, ok := intrinsic["Fn::GetAtt"].([]any); ok && len(attribute) == 2 {
		return fmt.Sprint(attribute[0]), nil
	}
	if output, ok := intrinsic["Fn::GetStackOutput"].(map[string]any); ok {
		return fmt.Sprint(output["OutputName"]), nil
	}
	if join, ok := intrinsic["Fn::Join"].([]any); ok && len(join) == 2 {
		separator, _ := join[0].(string)
		parts, _ := join[1].([]any)
		texts := make([]string, len(parts))
		for i, part := range parts {
			var err error
			if texts[i], err = resolve(part, region); err != nil {
				return "", err
			}
		}
		return strings.Join(texts, separator), nil
	}
	return "", fmt.Errorf("the template holds %v; the picture does not know what that resolves to", value)
}
