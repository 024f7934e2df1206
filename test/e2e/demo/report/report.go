package report

import "time"

// Report is what a Region's APIs say. Its JSON form is what `make demo` prints
// with --json.
type Report struct {
	Account   string     `json:"account"`
	Region    string     `json:"region"`
	Logging   Logging    `json:"logging"`
	Buckets   []Bucket   `json:"buckets"`
	LogGroups []LogGroup `json:"logGroups"`
	Keys      []Key      `json:"keys"`
	Filters   []Filter   `json:"metricFilters"`
	Alarms    []Alarm    `json:"alarms"`
	Topics    []Topic    `json:"topics"`
	Guard     *Guard     `json:"guard,omitempty"` // nil where there is none
	Rules     []Rule     `json:"rules"`
	Boards    []Board    `json:"dashboards"`
	Trails    []Trail    `json:"trails"`
	Ledger    *Ledger    `json:"ledger,omitempty"` // nil where there is none
	Tags      []Tagged   `json:"tags"`
}

// Logging is the Region's model-invocation logging configuration.
type Logging struct {
	Text      bool `json:"textDataDeliveryEnabled"`
	Image     bool `json:"imageDataDeliveryEnabled"`
	Embedding bool `json:"embeddingDataDeliveryEnabled"`
	Video     bool `json:"videoDataDeliveryEnabled"`
	Audio     bool `json:"audioDataDeliveryEnabled"`

	Bucket          string `json:"bucket"`
	Prefix          string `json:"prefix,omitempty"`
	LogGroup        string `json:"logGroup"`
	Role            string `json:"role"`
	LargeDataBucket string `json:"largeDataBucket,omitempty"`
	LargeDataPrefix string `json:"largeDataPrefix,omitempty"`
}

// Bucket keeps evidence, or the access logs of a bucket that does.
type Bucket struct {
	Name          string `json:"name"`
	Holds         string `json:"holds"`
	LockMode      string `json:"lockMode,omitempty"` // empty without Object Lock
	LockDays      int32  `json:"lockDays,omitempty"`
	Encryption    string `json:"encryption"`
	Key           string `json:"key,omitempty"`
	BucketKey     bool   `json:"bucketKey"`
	Versioned     bool   `json:"versioned"`
	PublicBlocked bool   `json:"publicAccessBlocked"`
	ExpireDays    int32  `json:"expireDays,omitempty"`
	AccessLogs    string `json:"accessLogs,omitempty"`
}

// LogGroup keeps records in CloudWatch Logs.
type LogGroup struct {
	Name          string `json:"name"`
	RetentionDays int32  `json:"retentionDays,omitempty"` // 0 never expires
	Key           string `json:"key,omitempty"`
	Protected     bool   `json:"deletionProtection"`
	Masked        bool   `json:"dataProtectionPolicy"`
}

// Key encrypts something above.
type Key struct {
	ARN          string   `json:"arn"`
	Description  string   `json:"description,omitempty"`
	Rotates      bool     `json:"rotates"`
	RotationDays int32    `json:"rotationDays,omitempty"`
	State        string   `json:"state"`
	Encrypts     []string `json:"encrypts"`
}

// Filter turns log records into a metric.
type Filter struct {
	Name      string `json:"name"`
	LogGroup  string `json:"logGroup"`
	Pattern   string `json:"pattern"`
	Metric    string `json:"metric"`
	Namespace string `json:"namespace"`
	Value     string `json:"value"`
}

// Alarm watches metrics or, composed, other alarms.
type Alarm struct {
	ARN         string   `json:"arn"`
	Severity    string   `json:"severity,omitempty"` // as the description begins
	Description string   `json:"description,omitempty"`
	Watches     []string `json:"watches"`
	Condition   string   `json:"condition"`
	Actions     []string `json:"alarmActions"`
	OKActions   []string `json:"okActions"`
	State       string   `json:"state"`
}

// Topic is where alarms go.
type Topic struct {
	ARN           string         `json:"arn"`
	Key           string         `json:"key,omitempty"`
	Subscriptions []Subscription `json:"subscriptions"`
}

// Subscription is who receives what a topic sends.
type Subscription struct {
	Protocol  string `json:"protocol"`
	Endpoint  string `json:"endpoint"`
	Confirmed bool   `json:"confirmed"`
}

// Guard is the function that checks the logging configuration and what it relies
// on.
type Guard struct {
	Function string   `json:"function"`
	State    string   `json:"state"`
	Schedule []string `json:"schedule"`
	Checks   []Check  `json:"checks"`
}

// Check is what a check of the guard found last, as its metric says.
type Check struct {
	Name     string    `json:"name"`
	At       time.Time `json:"at"`
	Declared bool      `json:"asDeclared"`
}

// Rule publishes events of AWS services to a topic that alarms notify.
type Rule struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	State       string `json:"state"`
	Pattern     string `json:"pattern,omitempty"`
}

// Board is a dashboard that shows the records.
type Board struct {
	Name    string `json:"name"`
	Widgets int    `json:"widgets"`
}

// Ledger is a table of the calls, with who may ask it what.
type Ledger struct {
	Database   string      `json:"database"`
	Tables     []string    `json:"tables"`
	WorkGroups []WorkGroup `json:"workGroups"`
	FilledBy   string      `json:"filledBy"`
	Schedule   []string    `json:"schedule"`
}

// WorkGroup is one of Amazon Athena.
type WorkGroup struct {
	Name         string `json:"name"`
	Enforced     bool   `json:"settingsEnforced"`
	ScanLimit    int64  `json:"scanLimit"` // bytes that a query may read
	Key          string `json:"key"`
	SavedQueries int    `json:"savedQueries"`
}

// Trail records API calls.
type Trail struct {
	Name        string   `json:"name"`
	Logging     bool     `json:"isLogging"`
	MultiRegion bool     `json:"multiRegion"`
	Validation  bool     `json:"logFileValidation"`
	Bucket      string   `json:"bucket"`
	LogGroup    string   `json:"logGroup,omitempty"`
	Key         string   `json:"key,omitempty"`
	Selectors   []string `json:"selectors"`
	Insights    []string `json:"insights,omitempty"`
}

// Tagged is a resource with its tags, those of CloudFormation itself left out.
type Tagged struct {
	Resource string            `json:"resource"`
	Tags     map[string]string `json:"tags"`
}
