"""Rows frames and the done frame of one batch, as pieces of memory to be written one after another."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from tradewind.container.batch import MAX_MESSAGE_CHARS, PredictError, RowError
from tradewind.container.outputs import Column
from tradewind.container.wire import DONE, MAX_PAYLOAD_BYTES, ROWS, frame_head, pad_to_8, payload_bytes

Piece = Union[bytes, memoryview]

#: Rows are spread over frames of about this many bytes, so that no frame comes near the limit.
_FRAME_BYTES = 32 * 1024 * 1024
_MAX_CODE_CHARS = 256


def done_frame(batch: int, compute_us: int, credit: int, error: Optional[PredictError] = None) -> bytes:
    header: Dict[str, Any] = {"compute_us": compute_us}
    if credit > 0:
        header["credit"] = credit
    if error is not None:
        header["error"] = _told(error)
    return frame_head(DONE, header, batch)


def rows_frames(batch: int, rows: int, columns: Sequence[Column], failures: Mapping[int, RowError]) -> List[Piece]:
    """Raises PredictError where one row is larger than a frame may be."""
    errors = [{"row": row, **_told(error)} for row, error in sorted(failures.items())]
    if not columns or len(failures) == rows:
        return [frame_head(ROWS, {"at": [], "errors": errors}, batch)] if errors else []
    if not errors and sum(len(column.data) for column in columns) <= _FRAME_BYTES:
        return _frame(batch, rows, columns, None, [])
    pieces: List[Piece] = []
    chosen: List[int] = []
    size = 0
    for row in range(rows):
        if row in failures:
            continue
        more = sum(column.row_bytes(row, rows) for column in columns)
        if more + 8 * len(columns) > MAX_PAYLOAD_BYTES:
            raise PredictError("invalid_output", f"row {row} has {more} bytes of output; a frame carries at most {MAX_PAYLOAD_BYTES}")
        if chosen and size + more > _FRAME_BYTES:
            pieces += _frame(batch, rows, columns, chosen, [])
            chosen, size = [], 0
        chosen.append(row)
        size += more
    return pieces + _frame(batch, rows, columns, chosen, errors)


def _told(error: Union[PredictError, RowError]) -> Dict[str, str]:
    """As the wire takes it, whatever the author gave: a code that is no word, half a character, a message without end."""
    code: Any = error.code
    message = str(error)[:MAX_MESSAGE_CHARS].encode("utf-8", "backslashreplace").decode()
    return {"code": code if isinstance(code, str) and 1 <= len(code) <= _MAX_CODE_CHARS and code.isprintable() else "model_error", "message": message}


def _frame(batch: int, rows: int, columns: Sequence[Column], chosen: Optional[List[int]], errors: List[Dict[str, Any]]) -> List[Piece]:
    """One rows frame with the chosen rows; None: with all of them."""
    taken = [column if chosen is None else _take(column, rows, chosen) for column in columns]
    parts = [_part(column) for column in taken]
    header: Dict[str, Any] = {"at": list(range(rows)) if chosen is None else chosen, "outputs": parts}
    if errors:
        header["errors"] = errors
    pieces: List[Piece] = [frame_head(ROWS, header, batch, payload_bytes(parts))]
    end = 0
    for column in taken:
        if end & 7:
            pieces.append(bytes(pad_to_8(end) - end))
        pieces.append(column.data)
        end = pad_to_8(end) + len(column.data)
    return pieces


def _part(column: Column) -> Dict[str, Any]:
    part: Dict[str, Any] = {"name": column.name, "dtype": column.dtype, "shape": list(column.shape), "bytes": len(column.data)}
    if column.lengths is not None:
        part["lengths"] = column.lengths
    if column.shapes is not None:
        part["shapes"] = [list(shape) for shape in column.shapes]
    return part


def _take(column: Column, rows: int, chosen: Sequence[int]) -> Column:
    starts: List[int] = []
    at = 0
    for row in range(rows):
        starts.append(at)
        at += column.row_bytes(row, rows)
    data = memoryview(b"".join(column.data[starts[row]:starts[row] + column.row_bytes(row, rows)] for row in chosen))
    lengths = None if column.lengths is None else [column.lengths[row] for row in chosen]
    return Column(column.name, column.dtype, column.shape, data, lengths, None if column.shapes is None else [column.shapes[row] for row in chosen])
