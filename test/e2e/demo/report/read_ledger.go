package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
)

// readLedger takes the database with a table over the bucket that Bedrock delivers
// to, the work groups and schedules that begin with its name.
func (r *reader) readLedger(ctx context.Context) error {
	pages := glue.NewGetDatabasesPaginator(r.glue, &glue.GetDatabasesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, database := range page.DatabaseList {
			tables, err := r.glue.GetTables(ctx, &glue.GetTablesInput{DatabaseName: database.Name})
			if err != nil {
				return err
			}
			if slices.ContainsFunc(tables.TableList, r.isOfTheRecords) {
				return r.readLedgerOf(ctx, *database.Name, tables.TableList)
			}
		}
	}
	return nil
}

func (r *reader) isOfTheRecords(table types.Table) bool {
	return table.StorageDescriptor != nil && strings.HasPrefix(aws.ToString(table.StorageDescriptor.Location), "s3://"+r.report.Logging.Bucket+"/")
}

func (r *reader) readLedgerOf(ctx context.Context, database string, tables []types.Table) error {
	ledger := &Ledger{Database: database}
	r.report.Ledger = ledger
	for _, table := range tables {
		ledger.Tables = append(ledger.Tables, aws.ToString(table.Name))
	}
	slices.Sort(ledger.Tables)
	prefix := strings.ReplaceAll(database, "_", "-") + "-"
	groups, err := r.athena.ListWorkGroups(ctx, &athena.ListWorkGroupsInput{})
	if err != nil {
		return err
	}
	for _, group := range groups.WorkGroups {
		if !strings.HasPrefix(aws.ToString(group.Name), prefix) {
			continue
		}
		described, err := r.athena.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: group.Name})
		if err != nil {
			return err
		}
		queries, err := r.athena.ListNamedQueries(ctx, &athena.ListNamedQueriesInput{WorkGroup: group.Name})
		if err != nil {
			return err
		}
		of := WorkGroup{Name: *group.Name, SavedQueries: len(queries.NamedQueryIds)}
		if c := described.WorkGroup.Configuration; c != nil {
			of.Enforced, of.ScanLimit = aws.ToBool(c.EnforceWorkGroupConfiguration), aws.ToInt64(c.BytesScannedCutoffPerQuery)
			if c.ResultConfiguration != nil && c.ResultConfiguration.EncryptionConfiguration != nil {
				of.Key = aws.ToString(c.ResultConfiguration.EncryptionConfiguration.KmsKey)
				r.noteKey(of.Key, "results of work group "+of.Name)
			}
		}
		ledger.WorkGroups = append(ledger.WorkGroups, of)
	}
	slices.SortFunc(ledger.WorkGroups, func(a, b WorkGroup) int { return strings.Compare(a.Name, b.Name) })
	listed, err := r.scheduler.ListSchedules(ctx, &scheduler.ListSchedulesInput{GroupName: aws.String(prefix + "fill")})
	if err != nil {
		return err
	}
	for _, summary := range listed.Schedules {
		schedule, err := r.scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: summary.GroupName, Name: summary.Name})
		if err != nil {
			return err
		}
		ledger.FilledBy = aws.ToString(schedule.Target.Arn)
		ledger.Schedule = append(ledger.Schedule, fmt.Sprintf("%s %s, %s", aws.ToString(schedule.ScheduleExpression), aws.ToString(schedule.ScheduleExpressionTimezone), schedule.State))
	}
	slices.Sort(ledger.Schedule)
	return nil
}
