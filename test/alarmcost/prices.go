package alarmcost

// Prices in US dollars a month, each of one, in us-east-1.
//
// Sources: "Amazon CloudWatch Pricing", "AWS Key Management Service Pricing" and
// "Amazon EventBridge pricing", from copies of these pages. PricesOf says when.
const (
	alarmMetricPrice    = 0.10 // of a standard-resolution alarm, for each metric
	compositePrice      = 0.50
	analyzedMetricPrice = 0.10 // of an alarm on a query, for each metric analyzed
	customMetricPrice   = 0.30 // of the first 10,000
	dashboardPrice      = 3.00
	keyPrice            = 1.00 // and as much again for each of two rotations
	rulePrice           = 0.00 // on events of AWS services, and on a schedule
)

// PricesOf is when the prices were taken.
const PricesOf = "2026-11-24"

// bandMetrics is what an alarm on an anomaly detection band is charged for: the
// metric and both ends of the band.
const bandMetrics = 3
