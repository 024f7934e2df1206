"""Parses SQL of Amazon Athena, and writes it in another dialect.

Standard input is a JSON array of {"sql": …, "read": …, "write": …} with names of
sqlglot's dialects; standard output is one of {"sql": …} or {"problem": …}. A
statement that is passed through unread (sqlglot's Command) is a problem, too.
"""

import json
import sys

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError


def transpile(sql, read, write):
    tree = sqlglot.parse_one(sql, read=read, error_level=ErrorLevel.RAISE)
    if isinstance(tree, exp.Command):
        raise SqlglotError('not understood: ' + sql[:80])
    return tree.sql(dialect=write, unsupported_level=ErrorLevel.IGNORE, pretty=False)


def main():
    answers = []
    for statement in json.load(sys.stdin):
        try:
            answers.append({'sql': transpile(**statement)})
        except SqlglotError as problem:
            answers.append({'problem': str(problem)})
    json.dump(answers, sys.stdout)


main()
