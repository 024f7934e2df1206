"""Athena with a memory, and what a state machine needs of it, for launcher.py.

MiniStack runs each query on a DuckDB of its own: no Iceberg tables, no views, no MERGE, and partition
projection is not read. Here each Glue database keeps one DuckDB instead. A statement is translated by
sqlglot from Athena's dialect. Glue's external tables are read from their objects: with LazySimpleSerDe a
line is a row of one column; with a SerDe for JSON names are taken in lower case, and a value that is no
text as its JSON text in a column of type string.

A query that names hours reads no others, as with partitions; an object that is cut short fails it.

Adds, too: the optimised integrations athena:startQueryExecution.sync and athena:getQueryResults of Step
Functions.

It proves the statements, their order and their results. It does not prove that Athena accepts them:
Iceberg's table properties, OPTIMIZE and VACUUM are accepted unread.
"""

import asyncio
import gzip
import json
import os
import re
import tempfile
import threading
import time
from datetime import datetime

import duckdb
import sqlglot
from sqlglot import exp

from ministack.core.responses import get_account_id, get_region
from ministack.services import athena, glue, s3, stepfunctions

_engines = {}
_lock = threading.Lock()


def lowered(value, hive):
    """value as a column of a Hive type: struct fields in lower case, anything in a string as JSON text."""
    kind = hive.this
    if value is None:
        return None
    if kind == exp.DataType.Type.STRUCT:
        if not isinstance(value, dict):
            return None
        given = {k.lower(): v for k, v in value.items()}
        return {f.name.lower(): lowered(given.get(f.name.lower()), f.args["kind"]) for f in hive.expressions}
    if kind == exp.DataType.Type.ARRAY:
        return [lowered(v, hive.expressions[0]) for v in value] if isinstance(value, list) else None
    if kind == exp.DataType.Type.MAP:
        return {k: lowered(v, hive.expressions[1]) for k, v in value.items()} if isinstance(value, dict) else None
    if kind in (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR):
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value


def objects_of(location):
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    stored = s3._buckets.get(bucket)
    for key in sorted(stored["objects"] if stored else ()):
        if key.startswith(prefix):
            yield f"s3://{bucket}/{key}", s3._get_object_data(bucket, key) or b""


def partition_of(template, keys):
    """A regular expression of a projected table's paths, a group a key."""
    pattern = re.escape(template).replace(r"\$", "$").replace(r"\{", "{").replace(r"\}", "}")
    for key in keys:
        pattern = pattern.replace("${%s}" % key, rf"(?P<{key}>\d{{4}}(?:/\d\d)+|[^/]+)")
    return re.compile(pattern + "/")


def documents(table, data):
    """What the rows of an object are made of: its lines, or the Records of a CloudTrail file."""
    storage = table["StorageDescriptor"]
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if "LazySimpleSerDe" in storage["SerdeInfo"]["SerializationLibrary"]:
        column = storage["Columns"][0]["Name"]
        return [{column: line.decode(errors="replace")} for line in data.split(b"\n") if line]
    return json.loads(data)["Records"] if data else []


def hours_of(query):
    """The hour folders that a statement reads, as a test of one."""
    between = re.search(r"log_hour BETWEEN '([^']*)' AND '([^']*)'(?: AND log_hour NOT IN \(([^)]*)\))?", query)
    if not between:
        raw = not query.lstrip().startswith("CREATE") and re.search(r"\b(records|invocations)\b", query)
        return lambda _hour: bool(raw)
    first, last, without = between.groups()
    left_out = re.findall(r"'([^']*)'", without or "")
    return lambda hour: first <= hour <= last and hour not in left_out


def relation(table, folder, reads):
    """A Glue table's rows as a DuckDB relation, read from a file in folder; reads tells which hours."""
    columns = {c["Name"]: exp.DataType.build(c["Type"], dialect="hive") for c in table["StorageDescriptor"]["Columns"]}
    keys = [k["Name"] for k in table.get("PartitionKeys") or []]
    template = (table.get("Parameters") or {}).get("storage.location.template", table["StorageDescriptor"]["Location"])
    partition = partition_of(template.rstrip("/"), keys)
    listed = {k: v.split(",") for k in keys if (v := table.get("Parameters", {}).get(f"projection.{k}.values"))}
    path = os.path.join(folder, table["Name"] + ".json")
    with open(path, "w", encoding="utf-8") as rows:
        for name, data in objects_of(table["StorageDescriptor"]["Location"]):
            found = partition.match(name)
            if not found or any(found[key] not in values for key, values in listed.items()):
                continue
            if "log_hour" in keys and not reads(found["log_hour"]):
                continue
            try:
                read = documents(table, data)
            except (EOFError, OSError) as problem:
                raise ValueError(f"HIVE_CURSOR_ERROR: {problem}: {name}") from problem
            for document in read:
                given = {k.lower(): v for k, v in document.items()}
                row = {c: lowered(given.get(c), kind) for c, kind in columns.items()}
                rows.write(json.dumps({**row, **found.groupdict(), "$path": name}) + "\n")
    types = {**{c: kind.sql("duckdb") for c, kind in columns.items()}, **dict.fromkeys([*keys, "$path"], "VARCHAR")}
    spec = ", ".join(f"'{c}': '{kind}'" for c, kind in types.items())
    return f"read_json('{path}', format = 'newline_delimited', maximum_object_size = 1073741824, columns = {{{spec}}})"


def external_tables(database):
    for key, table in glue._tables.items():
        if key.startswith(database + "/") and table["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary"):
            yield table


def execute(query, database):
    if re.match(r"\s*(OPTIMIZE|VACUUM)\b", query, re.I):
        return {"columns": [], "rows": [], "column_types": []}
    statement = sqlglot.parse_one(query, read="athena")
    if isinstance(statement, exp.Create):
        statement.set("properties", None)  # Iceberg's
    with _lock, tempfile.TemporaryDirectory(prefix="ledger-engine-") as folder:
        engine = _engines.setdefault((get_account_id(), get_region(), database), duckdb.connect(":memory:"))
        engine.execute("SET TimeZone = 'UTC'")
        for table in external_tables(database):
            engine.execute(f"CREATE OR REPLACE VIEW \"{table['Name']}\" AS SELECT * FROM {relation(table, folder, hours_of(query))}")
        for qualified in statement.find_all(exp.Table):
            qualified.set("db", None)
            qualified.set("catalog", None)
        result = engine.execute(statement.sql("duckdb"))
        columns = [d[0] for d in result.description or []]
        types = [athena._DUCKDB_TYPE_MAP.get(str(d[1]).upper().split("(")[0], "varchar") for d in result.description or []]
        rows = [[stamp(v) for v in row] for row in result.fetchall()]
        if not isinstance(statement, exp.Query):
            rows, columns, types = [], [], []
        return {"columns": columns, "rows": rows, "column_types": types}


def stamp(value):
    """A time as Athena prints it."""
    return value.isoformat(sep=" ", timespec="milliseconds") if isinstance(value, datetime) else value


async def run(query, database, _catalog=None):
    return await asyncio.to_thread(execute, query, database)


def call(action, request):
    return stepfunctions._invoke_aws_sdk_integration(f"arn:aws:states:::aws-sdk:athena:{action}", request)


def query_and_wait(_resource, request):
    started = call("startQueryExecution", request)
    while True:
        answer = call("getQueryExecution", started)
        status = answer["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return answer
        if status["State"] in ("FAILED", "CANCELLED"):
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(answer))
        time.sleep(0.05)


def install():
    stepfunctions._SFN_WAIT_SCALE = 0.01  # of a minute before another try, half a second
    athena._parse_ddl = lambda _query: None
    athena._run_duckdb = run
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::athena:startQueryExecution"] = query_and_wait
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::athena:getQueryResults"] = (
        lambda _resource, request: call("getQueryResults", request))
