"""Queries of one shape are written as SQL once: most of a simulated night was the same few hundred queries, written anew.

The text and the values are those that Django would write: the shape of a query is everything its text depends
on, the values are prepared by Django's own lookups each time, and again and again a query is written by Django
after all and held against what was kept (`Differs`). Only the simulator does this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models.aggregates import Count, Max, Min
from django.db.models.expressions import Col, Exists, Value
from django.db.models.lookups import Exact, IsNull, Lookup
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

CHECKED_EVERY = 200
"""So many uses of what was kept are followed by one that is written by Django as well."""
_OF_THE_QUERY = frozenset({"query", "connection", "using", "elide_empty", "quote_cache"})
_write: Callable[..., tuple[str, Any]] = SQLCompiler.as_sql
_convert: Callable[..., dict[int, Any]] = SQLCompiler.get_converters
_walk: Callable[..., Any] = Query.names_to_path


class Differs(BaseException):
    """What was kept of a query is not what Django writes for it. What survives an error must not survive this."""


class _Unknown(Exception):
    """A query whose shape is not understood."""


@dataclass
class _Kept:
    """One shape, as it was written."""

    sql: str
    before: tuple[Any, ...]
    """Values that stand before those of the conditions, always the same."""
    told: dict[str, Any]
    """What writing it told its compiler: columns, models, how to read the rows."""
    used: int = 0


@dataclass
class Figures:
    """How often what was kept was of use."""

    kept: int = 0
    written: int = 0
    checked: int = 0


figures = Figures()
_shapes: dict[Any, _Kept | None] = {}
_paths: dict[Any, tuple[list[Any], Any, Any, list[str]]] = {}


def keep_queries() -> None:
    """From now on a `SELECT` of a shape that was written before is not written again, in this process."""
    SQLCompiler.as_sql = _as_sql  # type: ignore[method-assign]
    SQLCompiler.get_converters = _converters  # type: ignore[method-assign]
    Query.names_to_path = _names_to_path  # type: ignore[method-assign, assignment]


def _names_to_path(
    self: Any, names: list[str], opts: Any, allow_many: bool = True, fail_on_missing: bool = False
) -> Any:
    """Which fields lie on the way along *names*: the same for every query, but for what a query names itself."""
    if opts is None or self.annotations or self._filtered_relations:
        return _walk(self, names, opts, allow_many, fail_on_missing)
    key = (id(opts), allow_many, fail_on_missing, *names)
    found = _paths.get(key)
    if found is None:
        found = _paths[key] = _walk(self, names, opts, allow_many, fail_on_missing)
    path, final_field, targets, rest = found
    return list(path), final_field, targets, list(rest)


def _as_sql(self: Any, with_limits: bool = True, with_col_aliases: bool = False) -> tuple[str, Any]:
    values: list[Any] = []
    try:
        shape = (*_shape(self, values), with_limits, with_col_aliases)
    except (_Unknown, EmptyResultSet, FullResultSet):
        figures.written += 1
        return _write(self, with_limits, with_col_aliases)
    kept = _shapes.get(shape)
    if kept is None:
        figures.written += 1
        return _written(self, shape, values, with_limits, with_col_aliases)
    kept.used += 1
    written = kept.sql, (*kept.before, *values)
    if kept.used % CHECKED_EVERY == 1:
        _check(self, written, with_limits, with_col_aliases)
    figures.kept += 1
    self.__dict__.update(kept.told)
    return written


def _written(
    self: Any, shape: Any, values: list[Any], with_limits: bool, with_col_aliases: bool
) -> tuple[str, Any]:
    """Let Django write it, and keep that if the values of its conditions are those that stand last."""
    sql, parameters = _write(self, with_limits, with_col_aliases)
    first = len(parameters) - len(values)
    if shape not in _shapes and first >= 0 and list(parameters[first:]) == values:
        told = {name: each for name, each in vars(self).items() if name not in _OF_THE_QUERY}
        told["_reads"] = _convert(self, [column[0] for column in self.select[: self.col_count]])
        _shapes[shape] = _Kept(sql=sql, before=tuple(parameters[:first]), told=told)
    else:
        _shapes[shape] = None
    return sql, parameters


def _check(self: Any, kept: tuple[str, Any], with_limits: bool, with_col_aliases: bool) -> None:
    figures.checked += 1
    sql, parameters = _write(self, with_limits, with_col_aliases)
    if (sql, tuple(parameters)) != kept:
        raise Differs(f"kept {kept[0]}, and Django writes {sql}")


def _converters(self: Any, expressions: Any) -> dict[int, Any]:
    reads: dict[int, Any] | None = vars(self).get("_reads")
    return _convert(self, expressions) if reads is None else reads


def _shape(compiler: Any, values: list[Any]) -> tuple[Any, ...]:
    """Everything that the text of a query depends on; the values of its conditions go into *values*.

    Raises `_Unknown` for what is rare and hard to tell apart.
    """
    query = compiler.query
    kind: type = type(query)
    if kind is not Query or query.combinator or query.extra:
        raise _Unknown
    if query._filtered_relations or query.explain_info or query.extra_order_by or query.distinct_fields:
        raise _Unknown
    if not all(type(each) is str for each in query.order_by):
        raise _Unknown
    return (
        id(query.model),
        compiler.elide_empty,
        tuple([_join(alias, each) for alias, each in query.alias_map.items()]),
        tuple(query.alias_refcount.items()),
        (query.default_cols, query.default_ordering, query.standard_ordering, query.alias_cols),
        (query.low_mark, query.high_mark, query.distinct, query.subquery, query.alias_prefix),
        query.order_by,
        str(query.select_related) if query.select_related else "",
        query.max_depth,
        (frozenset(query.deferred_loading[0]), query.deferred_loading[1]),
        tuple([_column(each) for each in query.select]),
        tuple([_column(each) for each in query.group_by])
        if isinstance(query.group_by, tuple)
        else query.group_by,
        query.values_select,
        tuple(query.selected.items()) if query.selected else (),
        tuple([_annotation(name, each) for name, each in query.annotations.items()]),
        frozenset(query.annotation_select_mask or ()),
        tuple(query.external_aliases.items()),
        _condition(query.where, compiler, values),
    )


def _join(alias: str, join: Any) -> tuple[Any, ...]:
    return (
        alias,
        join.table_name,
        join.parent_alias,
        join.join_type,
        id(getattr(join, "join_field", None)),
        getattr(join, "nullable", None),
    )


def _column(column: Any) -> tuple[Any, ...]:
    if type(column) is not Col:
        raise _Unknown
    # Fields live as long as their models do: no other ever has the same id.
    return (column.alias, id(column.target), id(column.output_field))


def _annotation(name: str, annotation: Any) -> tuple[Any, ...]:
    """The 1 of `exists()`, or the first, last or number of something."""
    if type(annotation) is Value and type(annotation.value) is int:
        return (name, annotation.value)
    if type(annotation) not in (Max, Min, Count) or annotation.extra or annotation.filter is not None:
        raise _Unknown
    columns = [_column(each) for each in annotation.get_source_expressions() if each is not None]
    return (name, type(annotation), annotation.distinct, tuple(columns))


def _condition(node: Any, compiler: Any, values: list[Any]) -> Any:
    if type(node) is WhereNode:
        children = [_condition(child, compiler, values) for child in node.children]
        return (node.connector, node.negated, tuple(children))
    if isinstance(node, Lookup) and type(node.lhs) is Col:
        return (type(node), _column(node.lhs), _other_side(node, compiler, values))
    if isinstance(node, Exists):
        sql, parameters = compiler.compile(node)
        values.extend(parameters)
        return sql
    raise _Unknown


def _other_side(lookup: Any, compiler: Any, values: list[Any]) -> Any:
    # What is written for these hangs on the value itself.
    if isinstance(lookup, IsNull) or (isinstance(lookup, Exact) and isinstance(lookup.rhs, bool)):
        return bool(lookup.rhs)
    sql, parameters = lookup.process_rhs(compiler, compiler.connection)
    values.extend(parameters)
    return sql
