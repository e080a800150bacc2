"""The golden frames of protos/golden, read and written."""

import json
import socket
import unittest
from pathlib import Path

import msgpack

from tradewind.container.headers import parse_batch, parse_cancel
from tradewind.container.greeting import parse_goodbye, parse_welcome
from tradewind.container.inputs import read_inputs
from tradewind.container.wire import BATCH, CANCEL, GOODBYE, WELCOME, FrameReader, WireError, frame_head, pad_to_8

GOLDEN = Path(__file__).resolve().parents[3] / "protos" / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.bin"))


def read(pieces):
    """The frames in these bytes, which come in as these pieces."""
    ours, theirs = socket.socketpair()
    reader, frames = FrameReader(), []
    with ours, theirs:
        for piece in pieces:
            theirs.sendall(piece)
            reader.fill(ours)
            while (frame := reader.next()) is not None:
                frames.append((frame.kind, frame.batch, frame.header, bytes(frame.payload)))
    return frames


def parse(kind, header, payload):
    if kind == BATCH:
        batch = parse_batch(header, len(payload), 8192)
        return read_inputs(batch, memoryview(payload if batch.shared is None else bytes(batch.size)), None)
    return {WELCOME: parse_welcome, GOODBYE: parse_goodbye, CANCEL: lambda one: parse_cancel(one, 3)}.get(kind, dict)(header)


class Golden(unittest.TestCase):
    def test_there_are_frames(self):
        self.assertGreater(len(NAMES), 30)

    def test_every_frame_is_read_whole_and_byte_by_byte(self):
        for name in NAMES:
            said = json.loads((GOLDEN / f"{name}.json").read_text())
            if "refused" in said:
                continue
            raw = (GOLDEN / f"{name}.bin").read_bytes()
            with self.subTest(name):
                tensors = [bytes.fromhex(one) for one in said["tensors_hex"]]
                for pieces in ([raw], [raw[i:i + 1] for i in range(len(raw))]):
                    ((kind, batch, header, payload),) = read(pieces)
                    self.assertEqual((kind, batch, header), (said["kind"], said["batch"], said["header"]))
                    at = 0
                    for tensor in tensors:
                        at = pad_to_8(at)
                        self.assertEqual(payload[at:at + len(tensor)], tensor)
                        at += len(tensor)
                    self.assertEqual(at, len(payload))
                    parse(kind, header, payload)

    def test_every_frame_is_written_as_it_was_read(self):
        for name in NAMES:
            raw = (GOLDEN / f"{name}.bin").read_bytes()
            said = json.loads((GOLDEN / f"{name}.json").read_text())
            if "refused" in said or "reading_only" in said:
                continue
            with self.subTest(name):
                ((kind, batch, header, payload),) = read([raw])
                head = frame_head(kind, header or None, batch, len(payload))
                self.assertEqual(len(head) % 8, 0)
                self.assertEqual(head[:4], raw[:4])
                # Kits choose among msgpack's forms of a map; what a reader makes of it is the same.
                self.assertEqual(read([head + payload]), [(kind, batch, header, payload)])

    def test_faults_are_refused_with_the_reason(self):
        for name in NAMES:
            said = json.loads((GOLDEN / f"{name}.json").read_text())
            if "refused" in said:
                with self.subTest(name), self.assertRaisesRegex(WireError, said["refused"].replace("(", r"\(")):
                    read([(GOLDEN / f"{name}.bin").read_bytes()])

    def test_values_of_the_batches(self):
        ((_, _, header, payload),) = read([(GOLDEN / "batch-integers.bin").read_bytes()])
        inputs = parse(BATCH, header, payload)
        self.assertEqual(inputs["int64"].tolist(), [[-(2**63)], [2**63 - 1]])
        self.assertEqual(inputs["bool"].tolist(), [[True, False, True], [False, False, True]])
        ((_, _, header, payload),) = read([(GOLDEN / "batch-bytes.bin").read_bytes()])
        self.assertEqual(parse(BATCH, header, payload)["text"].tolist(), [[b"a", "é".encode()], [b"", b"tradewind"]])
        ((_, _, header, payload),) = read([(GOLDEN / "batch-ragged.bin").read_bytes()])
        self.assertEqual([row.tolist() for row in parse(BATCH, header, payload)["tokens"]], [[11, 12], [], [31, 32]])

    def test_back_to_back_frames_and_a_header_that_is_no_map(self):
        frames = [(GOLDEN / f"{name}.bin").read_bytes() for name in NAMES if not name.startswith("fault")]
        joined = b"".join(frames)
        self.assertEqual(len(read([joined[i:i + 1009] for i in range(0, len(joined), 1009)])), len(frames))
        packed = msgpack.packb([1, 2])
        with self.assertRaisesRegex(WireError, "not a map"):
            read([frame_head(3, {"x": 1})[:4] + len(packed).to_bytes(4, "little") + bytes(8) + packed + bytes(-len(packed) & 7)])


class Hostile(unittest.TestCase):
    def test_batches_that_do_not_add_up(self):
        part = {"name": "x", "dtype": "float32", "shape": [2], "bytes": 16}
        good = {"rows": 2, "budget_us": 1, "inputs": [part]}
        parse_batch(good, 16)
        for change, payload in [
            ({"rows": 0}, 16), ({"rows": 2**20 + 1}, 16), ({"rows": True}, 16), ({"rows": None}, 16), ({"budget_us": "x"}, 16), ({"budget_us": float("nan")}, 16),
            ({"inputs": {}}, 16), ({"inputs": [part, part]}, 16), ({"inputs": []}, 16), ({}, 24), ({"outputs": [1]}, 16), ({"params": []}, 16), ({"inputs": [1]}, 16),
            *(({"inputs": [{**part, **wrong}]}, 16) for wrong in (
                {"bytes": 12}, {"bytes": -4}, {"bytes": 2**60}, {"shape": [-1]}, {"shape": [2] * 33}, {"shape": [2**33]}, {"dtype": "complex64"}, {"dtype": ["x"]}, {"name": ""},
                {"dtype": "bytes"}, {"lengths": [8]}, {"lengths": [8, 9]}, {"lengths": [4, 12]}, {"shapes": [[2], [2]]}, {"shapes": [[1], [2]], "lengths": [8, 8]},
            )),
        ]:
            with self.subTest(change), self.assertRaises(WireError):
                parse_batch({**good, **change}, payload)

    def test_a_batch_in_shared_memory_has_no_payload_and_lies_in_what_there_is(self):
        shared = {"rows": 2, "budget_us": 1, "inputs": [{"name": "x", "dtype": "float32", "shape": [2], "bytes": 16}], "shared": 4096}
        self.assertEqual((parse_batch(shared, 0, 4112).shared, parse_batch(shared, 0, 4112).size), (4096, 16))
        for change, payload, size in [({}, 16, 4112), ({}, 0, 4111), ({}, 0, 4095), ({}, 0, 0), ({"shared": -8}, 0, 4112), ({"shared": "x"}, 0, 4112)]:
            with self.subTest(change, size=size), self.assertRaises(WireError):
                parse_batch({**shared, **change}, payload, size)
        for wrong in ([], {}, {"path": "", "bytes": 1, "token": "x"}, {"path": "/x", "bytes": 0, "token": "x"}, {"path": "/x", "bytes": 1}):
            with self.subTest(wrong), self.assertRaisesRegex(WireError, "welcome.shared"):
                parse_welcome({"wire": 1, "heartbeat_ms": 1, "replica": "r", "shared": wrong})

    def test_elements_of_text_that_do_not_fit_their_row_fail_the_batch(self):
        from tradewind import PredictError

        for raw in (b"\x05\0\0\0ab", b"\xff\xff\xff\xffab", b"\x01\0\0\0ab", b"\x01\0", b""):
            header = {"rows": 1, "budget_us": 1, "inputs": [{"name": "x", "dtype": "bytes", "shape": [1], "bytes": len(raw), "lengths": [len(raw)]}]}
            with self.subTest(raw), self.assertRaisesRegex(PredictError, "do not hold 1 elements"):
                parse(BATCH, header, raw)


if __name__ == "__main__":
    unittest.main()
