module github.com/bedrock-paper-trail/paper-trail/bin/audit

go 1.26.0

replace github.com/bedrock-paper-trail/paper-trail => ../..

require github.com/bedrock-paper-trail/paper-trail v0.0.0
