// Package show finds one call in the raw log and lays out everything that is
// known of it: what was said, what it cost, who is behind it according to AWS
// CloudTrail.
package show
