package alarmsim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tables of the CloudWatch user guide, "Configuring how CloudWatch alarms
// treat missing data": X breaches, 0 does not, - is missing.
func TestStateFollowsTheTablesOfTheUserGuide(t *testing.T) {
	t.Parallel()
	const current = State("current")
	for _, table := range []struct {
		toAlarm int
		rows    map[string][4]State // missing, ignore, breaching, notBreaching
	}{
		{3, map[string][4]State{
			"0-X-X": {OK, OK, OK, OK},
			"0----": {OK, OK, OK, OK},
			"-----": {InsufficientData, current, Alarm, OK},
			"0XX-X": {Alarm, Alarm, Alarm, Alarm},
			"--X--": {Alarm, current, Alarm, OK},
		}},
		{2, map[string][4]State{
			"0-X-X": {Alarm, Alarm, Alarm, Alarm},
			"00X0X": {Alarm, Alarm, Alarm, Alarm},
			"0-X--": {OK, OK, Alarm, OK},
			"----0": {OK, OK, Alarm, OK},
			"---X-": {Alarm, current, Alarm, OK},
		}},
	} {
		for row, wants := range table.rows {
			for i, treatment := range []string{"missing", "ignore", "breaching", "notBreaching"} {
				got, err := threshold{3, table.toAlarm, treatment}.state(verdicts(row), current)
				require.NoError(t, err)
				assert.Equal(t, wants[i], got, "%d of 3, %s, %s", table.toAlarm, row, treatment)
			}
		}
	}
}

// A state is not guessed where the tables have no row like it.
func TestStateRefusesWhatTheGuideLeavesOpen(t *testing.T) {
	t.Parallel()
	_, err := threshold{3, 3, "missing"}.state(verdicts("----X"), OK)
	assert.ErrorContains(t, err, "AWS does not say")
}

func verdicts(row string) []verdict {
	var list []verdict
	for _, r := range row {
		list = append(list, map[rune]verdict{'X': breaching, '0': within, '-': missing}[r])
	}
	return list
}
