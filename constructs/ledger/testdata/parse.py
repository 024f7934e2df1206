"""Parses a JSON list of SQL statements in Athena's dialect and writes a list of errors, "" for none."""
import json
import sys

import sqlglot
from sqlglot.errors import ErrorLevel, SqlglotError


def problem(sql):
    try:
        sqlglot.parse_one(sql, read="athena", error_level=ErrorLevel.RAISE)
        return ""
    except SqlglotError as error:
        return str(error)


json.dump([problem(sql) for sql in json.load(sys.stdin)], sys.stdout)
