// Package picture draws the body of a CloudWatch dashboard as SVG, with the
// data of a [Source], so that a dashboard can be looked at without AWS.
//
//	body, _ := picture.Parse(text)
//	svg, err := body.SVG(picture.SampleWeek())
//
// It draws text, alarm and metric widgets as lines and stacked areas; of metric
// math it knows SEARCH of one dimension, SUM of such a search, MAX of the search
// of one metric, and ANOMALY_DETECTION_BAND; of Markdown headings, bold text and
// links. Whatever else a body holds is an error: nothing is left out of the
// picture silently.
// The band is what the source calls usual, since CloudWatch's own model is not
// to be had.
package picture
