// Package alarmcost adds up what the alarms, metrics, dashboards, rules and keys
// of synthesised templates cost in a month, by list prices.
//
//	bill, err := alarmcost.Of(alarmcost.Use{Models: 5}, template)
//	fmt.Println(bill.Total())
//
// It counts what a template says and what follows from it. What depends on how
// much happens, such as the delivery of notifications, is not in it. Nothing is
// taken off for the free tier, which is of a whole account.
package alarmcost
