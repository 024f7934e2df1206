"""Writes the rate card of package record from the price list of genai-prices.

genai-prices (MIT) is a maintained collection of public prices. It is needed here
only, so it is not among the tools of the tests. To renew the card, in a throwaway
environment:

    python3 -m venv rates && rates/bin/pip install genai-prices==0.2.3
    rates/bin/python record/generate/rates.py >record/rates.csv
    go test ./record

A newer version of genai-prices is put into PIN and into the line above. What the
card has no place for is left out and listed on standard error.

Prices are US dollars per million tokens. The source's own matching decides what an
entry holds for: each model id is offered to it with every prefix of a cross-Region
profile and without one.
"""

import csv
import importlib.metadata
import re
import sys
from collections import Counter
from datetime import date

from genai_prices import data
from genai_prices.types import ClauseOr, ConditionalPrice, StartDateConstraint, TieredPrices

PIN = '0.2.3'
# The day on which this version of the source was fetched.
RETRIEVED = date(2026, 11, 24)

GEOGRAPHIES = ['us', 'eu', 'apac', 'jp', 'au', 'in', 'ca', 'us-gov']
COLUMNS = ['alias', 'model', 'scope', 'above', 'since', 'input', 'output', 'cache_read', 'cache_write', 'source', 'retrieved']
PRICES = {'input_mtok': 'input', 'output_mtok': 'output', 'cache_read_mtok': 'cache_read', 'cache_write_mtok': 'cache_write'}

left_out = Counter()


def leave_out(model, what):
    left_out[what] += 1
    print(f'left out: {model.id}: {what}', file=sys.stderr)


def texts(clause):
    """The texts that a match clause compares with, at any depth of alternatives."""
    if isinstance(clause, ClauseOr):
        return [text for part in clause.or_ for text in texts(part)]
    return [value for value in vars(clause).values() if isinstance(value, str)]


def model_ids(model):
    """The model ids behind an entry, without a profile's prefix, as short as the entry's matching lets them be.

    A short id, without version, holds for every version of the model.
    """
    full = model.id.removeprefix('global.').removeprefix('regional.')
    vendor = full.split('.')[0]
    ids = set()
    for text in texts(model.match):
        bare = text.rsplit('/', 1)[-1]
        if bare.split('.')[0] in ('global', *GEOGRAPHIES):
            bare = bare.split('.', 1)[1]
        # Some entries match by the name alone, as other ways to the same models have it.
        ids.add(bare if bare.startswith(vendor + '.') else f'{vendor}.{bare}')
    # An id is superfluous where a shorter one says the same: name, name-v1.
    ids = {i for i in ids if not any(i.startswith(o + '-v') for o in ids)}
    # A number after a colon is part of the name for package record, unless a version goes before it.
    for short in list(ids):
        if re.fullmatch(re.escape(short) + r':\d+', full) and not re.search(r'-v\d+$', short):
            ids.add(full)
    return sorted(ids)


def scope(model, model_id):
    """"global", "regional" or "" for both: for which prefixes the entry matches."""
    def matches(prefix):
        return any(model.match.is_match(prefix + model_id + tail) for tail in ('', '-v1:0', ':0'))

    regional = matches('') or any(matches(g + '.') for g in GEOGRAPHIES)
    everywhere = matches('global.')
    if regional and everywhere:
        return ''
    return 'global' if everywhere else 'regional' if regional else None


def tiers(prices):
    """Yields (above, {column: price}): the base, then one per step of the prompt's length."""
    values = {column: getattr(prices, key) for key, column in PRICES.items() if getattr(prices, key, None) is not None}
    steps = sorted({t.start for v in values.values() if isinstance(v, TieredPrices) for t in v.tiers})
    for above in [0, *steps]:
        yield above, {column: at(value, above) for column, value in values.items()}


def at(value, above):
    if not isinstance(value, TieredPrices):
        return value
    price = value.base
    for tier in value.tiers:
        if tier.start <= above:
            price = tier.price
    return price


def dated(model):
    """Yields (since, prices); since is empty where the source knows no first day."""
    entries = model.prices if isinstance(model.prices, list) else [ConditionalPrice(prices=model.prices)]
    for entry in entries:
        if entry.constraint is None:
            yield '', entry.prices
        elif isinstance(entry.constraint, StartDateConstraint):
            yield entry.constraint.start_date.isoformat(), entry.prices
        else:
            leave_out(model, f'prices that hold under {type(entry.constraint).__name__}')


def rows(model):
    if model.price_variants:
        leave_out(model, 'variants of its prices')
    for since, prices in dated(model):
        known = {key for key, value in vars(prices).items() if value is not None}
        for key in sorted(known - PRICES.keys()):
            leave_out(model, f'price {key}')
        if 'input_mtok' not in known:
            leave_out(model, 'all of it: no price of input tokens')
            continue
        for model_id in model_ids(model):
            where = scope(model, model_id)
            if where is None:
                leave_out(model, f'id {model_id}, which its own entry does not match')
                continue
            for above, values in tiers(prices):
                row = {column: f'{price:f}' for column, price in values.items()}
                row.setdefault('output', '0')  # embeddings have no output tokens
                yield {
                    'model': model_id, 'scope': where, 'above': above or '', 'since': since,
                    'source': f'genai-prices {PIN}', 'retrieved': RETRIEVED.isoformat(), **row,
                }


def main():
    installed = importlib.metadata.version('genai-prices')
    if installed != PIN:
        sys.exit(f'rates.py: want genai-prices {PIN}, got {installed}; install that version, or change PIN')
    aws = next(provider for provider in data.providers if provider.id == 'aws')
    card = sorted(
        (row for model in aws.models for row in rows(model)),
        key=lambda row: (row['model'], row['scope'], row['since'], row['above'] or 0),
    )
    out = csv.DictWriter(sys.stdout, COLUMNS, lineterminator='\n')
    out.writeheader()
    out.writerows(card)
    print(f'{len(aws.models)} entries, {len(card)} rows; left out: {dict(left_out)}', file=sys.stderr)


main()
