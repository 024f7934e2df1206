// Package athena answers questions about the ledger with Amazon Athena.
//
// A query is started in a work group, which says where its results go and how
// much it may read, waited for, and read page by page. Whoever gives up waiting
// stops it, so that nothing goes on being paid for.
package athena
