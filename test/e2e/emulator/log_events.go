package emulator

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// LogEvents returns what a Region's log groups hold, one line an event under the
// name of its group: what Lambda functions wrote, above all.
func (e *Emulator) LogEvents(ctx context.Context, region string) (string, error) {
	client := cloudwatchlogs.NewFromConfig(e.Config(region))
	var all strings.Builder
	groups := cloudwatchlogs.NewDescribeLogGroupsPaginator(client, &cloudwatchlogs.DescribeLogGroupsInput{})
	for groups.HasMorePages() {
		page, err := groups.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("emulator: list the log groups: %w", err)
		}
		for _, group := range page.LogGroups {
			fmt.Fprintf(&all, "%s\n", aws.ToString(group.LogGroupName))
			events := cloudwatchlogs.NewFilterLogEventsPaginator(client, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group.LogGroupName})
			for events.HasMorePages() {
				page, err := events.NextPage(ctx)
				if err != nil {
					return "", fmt.Errorf("emulator: read the log group %s: %w", *group.LogGroupName, err)
				}
				for _, event := range page.Events {
					fmt.Fprintf(&all, "  %s\n", strings.TrimRight(aws.ToString(event.Message), "\n"))
				}
			}
		}
	}
	return all.String(), nil
}
