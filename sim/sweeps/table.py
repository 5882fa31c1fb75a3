"""The table over all cells of a sweep: their rows one below the other, in the order of the plan.

Cells may have different columns (one has no c, one observed something else): a column that a cell lacks is missing there.
What is in it depends on the cells alone, and so do its bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from theory.files import whole

if TYPE_CHECKING:
    import pandas

_GROUP = 2**20  # rows that are held in memory and written together


def write_table(cells: Sequence[Path], target: Path) -> None:
    """Write the rows of all cells into one Parquet file, whole or not at all.

    Parameters
    ----------
    cells : sequence of Path
        Their Parquet files, at least one.
    target : Path

    Raises
    ------
    OSError
        If it can't be written.
    """
    import pyarrow
    import pyarrow.parquet as parquet

    schemas = [parquet.read_schema(path).remove_metadata() for path in cells]
    schema = pyarrow.unify_schemas(schemas, promote_options="permissive")
    with whole(target) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        waiting: list[pyarrow.Table] = []
        rows = 0
        for path in cells:
            table = parquet.read_table(path, partitioning=None).replace_schema_metadata(None)
            has = set(table.column_names)
            for part in schema:
                if part.name not in has:
                    table = table.append_column(part, pyarrow.nulls(len(table), part.type))
            waiting.append(table.select(schema.names).cast(schema))
            rows += len(table)
            if rows >= _GROUP:
                writer.write_table(pyarrow.concat_tables(waiting).combine_chunks())
                waiting, rows = [], 0
        writer.write_table(pyarrow.concat_tables(waiting or [schema.empty_table()]).combine_chunks())


def read_table(path: Path) -> pandas.DataFrame:
    """Read it into pandas; whole numbers that are missing somewhere stay whole numbers (``Int64``)."""
    import pandas
    import pyarrow
    import pyarrow.parquet as parquet

    table = parquet.read_table(path, partitioning=None)
    frame = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        gaps = column.null_count and pyarrow.types.is_integer(column.type)
        frame[name] = column.to_pandas(types_mapper={column.type: pandas.Int64Dtype()}.get) if gaps else column.to_pandas()
    return pandas.DataFrame(frame)
