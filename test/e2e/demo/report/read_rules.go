package report

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
)

// readRules keeps the rules that publish to a topic that alarms notify.
func (r *reader) readRules(ctx context.Context) error {
	known := map[string]bool{}
	for _, topic := range r.topics {
		input := &eventbridge.ListRuleNamesByTargetInput{TargetArn: &topic}
		for {
			page, err := r.events.ListRuleNamesByTarget(ctx, input)
			if err != nil {
				return err
			}
			for _, name := range page.RuleNames {
				known[name] = true
			}
			if input.NextToken = page.NextToken; input.NextToken == nil {
				break
			}
		}
	}
	input := &eventbridge.ListRulesInput{}
	for len(known) > 0 {
		page, err := r.events.ListRules(ctx, input)
		if err != nil {
			return err
		}
		for _, rule := range page.Rules {
			if known[aws.ToString(rule.Name)] {
				r.report.Rules = append(r.report.Rules, Rule{
					Name: aws.ToString(rule.Name), Description: aws.ToString(rule.Description),
					State: string(rule.State), Pattern: aws.ToString(rule.EventPattern),
				})
			}
		}
		if input.NextToken = page.NextToken; input.NextToken == nil {
			break
		}
	}
	slices.SortFunc(r.report.Rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// readBoards keeps the dashboards that show an alarm read before.
func (r *reader) readBoards(ctx context.Context) error {
	pages := cloudwatch.NewListDashboardsPaginator(r.watch, &cloudwatch.ListDashboardsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, entry := range page.DashboardEntries {
			board, err := r.watch.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: entry.DashboardName})
			if err != nil {
				return err
			}
			body := aws.ToString(board.DashboardBody)
			if !slices.ContainsFunc(r.report.Alarms, func(a Alarm) bool { return strings.Contains(body, a.ARN) }) {
				continue
			}
			var shown struct{ Widgets []any }
			if err := json.Unmarshal([]byte(body), &shown); err != nil {
				return fmt.Errorf("dashboard %s: %w", aws.ToString(entry.DashboardName), err)
			}
			r.report.Boards = append(r.report.Boards, Board{Name: aws.ToString(entry.DashboardName), Widgets: len(shown.Widgets)})
		}
	}
	return nil
}
