"""The parts of the kit that decide: outputs, replies, credits, authors, entries, the environment."""

import asyncio
import contextlib
import io
import json
import os
import random
import socket
import tempfile
import unittest
from pathlib import Path

import numpy as np

from tradewind import Batch, PredictError, RowError, Tensor, model
from tradewind.container.credits import CreditShare
from tradewind.container.dtype import read_signature
from tradewind.container.entry import find_entry
from tradewind.container.environment import StartError, read_environment
from tradewind.container.failure import Tracebacks, describe
from tradewind.container.greeting import Offer
from tradewind.container.headers import parse_batch
from tradewind.container.inputs import read_inputs
from tradewind.container.model import Author
from tradewind.container.outputs import check_outputs, check_wanted
from tradewind.container.reply import done_frame, rows_frames
from tradewind.container.shared_memory import SharedMemory
from tradewind.container.wire import FrameReader

SEED = int(os.environ.get("TRADEWIND_SEED", "1"))


def columns(returned, rows, specs=None, wanted=None):
    batch = Batch(rows, {}, wanted)
    return check_outputs(returned, batch, None if specs is None else read_signature(specs, "outputs")), batch


def frames_of(pieces):
    """What a reader makes of a reply."""
    ours, theirs = socket.socketpair()
    reader, frames = FrameReader(), []
    ours.setblocking(False)
    with ours, theirs:
        theirs.setblocking(True)
        for piece in pieces:
            raw = memoryview(piece).cast("B") if len(piece) else memoryview(b"")
            for at in range(0, len(raw), 50_000):
                theirs.sendall(raw[at:at + 50_000])
                while True:
                    try:
                        reader.fill(ours)
                    except BlockingIOError:
                        break
                    while (frame := reader.next()) is not None:
                        frames.append((frame.header, bytes(frame.payload)))
    return frames


class Shared(unittest.TestCase):
    def test_memory_is_taken_where_it_is_what_was_offered_and_shows_what_is_written_later(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"token" + bytes(8187))
            file.flush()
            offer = Offer(file.name, 8192, "token")
            memory = SharedMemory.open(offer)
            view = memory.view(4096, 8)
            os.pwrite(file.fileno(), b"12345678", 4096)
            self.assertEqual((bytes(view), memory.size), (b"12345678", 8192))
            array = np.frombuffer(view, np.uint8)
            array[0] = 0
            pipe = file.name + ".pipe"
            os.mkfifo(pipe)
            self.addCleanup(os.unlink, pipe)
            for other in (offer._replace(path=pipe), offer._replace(token="taken"), offer._replace(size=8193), offer._replace(path="/proc/1/fd/none"), offer._replace(path="a\0b")):
                with self.subTest(other):
                    self.assertIsNone(SharedMemory.open(other))


class Outputs(unittest.TestCase):
    def test_one_value_a_tuple_or_a_map(self):
        x = np.arange(2, dtype=np.float32)
        self.assertEqual([one.name for one in columns(x, 2)[0]], ["output"])
        self.assertEqual([one.name for one in columns(x, 2, {"y": "float32"})[0]], ["y"])
        two = {"a": "float32", "b": "float32"}
        for returned in ((x, x), {"b": x, "a": x}):
            self.assertEqual([one.name for one in columns(returned, 2, two)[0]], ["a", "b"])
        self.assertEqual([one.name for one in columns({"b": x}, 2, two, ["b"])[0]], ["b"])

    def test_widths_are_changed_and_kinds_are_not(self):
        (column,), _ = columns(np.array([0.1, 2.5]), 2, {"y": "float32"})
        self.assertEqual(np.frombuffer(column.data, np.float32).tolist(), [np.float32(0.1), 2.5])
        (column,), _ = columns([1, 2], 2, {"y": "int8"})
        self.assertEqual(bytes(column.data), b"\x01\x02")
        (column,), _ = columns(np.array([1, 2], ">i4"), 2)
        self.assertEqual((column.dtype, bytes(column.data)), ("int32", b"\x01\0\0\0\x02\0\0\0"))
        (column,), _ = columns(np.arange(12, dtype=np.int16).reshape(2, 6)[:, ::3], 2)
        self.assertEqual(np.frombuffer(column.data, np.int16).tolist(), [0, 3, 6, 9])
        for value, dtype in (([0.5, 1], "int64"), (["a", "b"], "float32"), ([1j, 1], "float32"), ([-1, 2], "uint8"), ([1.0, 2.0], "bool"), ([1.0, 2.0], "bfloat16")):
            with self.subTest(dtype), self.assertRaisesRegex(PredictError, f"not an array of {dtype}"):
                columns(value, 2, {"y": dtype})

    def test_what_does_not_fit_is_said(self):
        x = np.zeros((2, 3), np.float32)
        for returned, specs, said in (
            (None, None, "returned nothing: does it lack a return"), (iter(x), {"y": ("float32", [3])}, "return an array or a list"), ([{"a": 1}] * 2, {"y": "float32"}, "its entries are dict; return one map of arrays"), (x[:1], {"y": ("float32", [3])}, "1 rows for a batch of 2"), (np.float32(1), None, "no rows"),
            (x, {"y": ("float32", [4])}, "shape \\[3\\]; the signature says \\[4\\]"), ({"z": x}, {"y": ("float32", [3])}, "output y is missing"),
            ({"y": x, "z": x}, {"y": ("float32", [3])}, "z is not in the signature"), (x, {"a": "float32", "b": "float32"}, "one value for the outputs a, b"),
            ([[1], [1, 2]], {"y": ("float32", [-1])}, "is no array"), (np.zeros(2, "complex64"), None, "the wire does not know"), ([1, 2], {"y": "bytes"}, "neither text nor bytes"),
            ((x, x, x), {"a": "float32", "b": "float32"}, "a tuple of 3 for the outputs a, b"), ({"z": x}, {"y": "float32"}, "output y is missing; predict returned z"),
            ({0: x}, None, "has the key 0: names of outputs are texts"), ({"": x}, None, "has the key '': names"),
            ([1.5, None], {"y": "float32"}, "row 1 is None: .* has a RowError in its place"), ([1.5, ValueError("odd")], {"y": "float32"}, "row 1 is ValueError\\('odd'\\)"),
            ([[1, object()], [1, 2]], {"y": ("float32", [2])}, "row 0 is a object"), (np.array([1, 2.5], object), {"y": "float32"}, "convert it"),
            (np.ma.masked_array([1.0, 2.0], [True, False]), {"y": "float32"}, "masked"), ({1: 2, 3: 4}.values(), {"y": "float32"}, "dict_values: return an array"),
            (np.array([1, 2**40]), {"y": "int32"}, "holds 1099511627776, which is no int32"), (np.array([-1, 2**32]), {"y": "int8"}, "holds 4294967296"),
            (np.array([1, 1e60]), {"y": "float32"}, "holds a number that is too large for float32"), (np.array([1, 1e5], np.float32), {"y": "float16"}, "too large for float16"),
            (np.array([1, 2**63], np.uint64), {"y": "int64"}, "holds 9223372036854775808"), (1.0, [Tensor("y", "float32", (-1,), True)], "0 rows for a batch"),
            ([x[0]], [Tensor("y", "float32", (-1,), True)], "1 rows for a batch"), ([x, x], [Tensor("y", "float32", (-1,), True)], "row 0 has shape"),
        ):
            with self.subTest(said), self.assertRaisesRegex(PredictError, said) as caught:
                columns(returned, 2, specs)
            self.assertEqual(caught.exception.code, "invalid_output")
        with self.assertRaisesRegex(PredictError, "no output z; it has y"):
            check_wanted(["z"], [Tensor("y", "int8", ())])

    def test_rows_that_fail_in_a_list(self):
        (column,), batch = columns([1.5, RowError("odd", "bad_input"), 2.5], 3, {"y": "float32"})
        ((header, payload),) = frames_of(rows_frames(9, 3, [column], batch._failures))
        self.assertEqual((header["at"], header["errors"]), ([0, 2], [{"row": 1, "code": "bad_input", "message": "odd"}]))
        self.assertEqual(np.frombuffer(payload, np.float32).tolist(), [1.5, 2.5])
        batch = Batch(2, {})
        batch.fail(0, "a")
        batch.fail(1, "b")
        ((header, payload),) = frames_of(rows_frames(9, 2, [], batch._failures))
        self.assertEqual((header["at"], len(header["errors"]), payload), ([], 2, b""))
        with self.assertRaises(IndexError):
            batch.fail(2, "none")

    def test_rows_that_fail_in_an_array(self):
        (column,), batch = columns(np.array([1.5, RowError("odd")], object), 2, {"y": "float32"})
        self.assertEqual((list(batch._failures), column.dtype), ([1], "float32"))
        (column,), batch = columns(np.array(["a", "b"], object), 2, {"y": "bytes"})
        self.assertEqual((batch._failures, bytes(column.data)), ({}, b"\1\0\0\0a\1\0\0\0b"))

    def test_rows_may_all_fail_in_a_list(self):
        for rows in (1, 3):
            found, batch = columns([RowError("odd")] * rows, rows, {"y": "float32"})
            ((header, _),) = frames_of(rows_frames(9, rows, found, batch._failures))
            self.assertEqual(header, {"at": [], "errors": [{"row": row, "code": "model_error", "message": "odd"} for row in range(rows)]})

    def test_what_an_author_says_of_an_error_is_sent_as_the_wire_takes_it(self):
        for code, message, told, said in (
            ("bad_input", "half a \udcff", "bad_input", "half a \\udcff"), (400, "a number", "model_error", "a number"), ("", "no word", "model_error", "no word"),
            ("x" * 257, "a long word", "model_error", "a long word"), ("bad_input", "z" * 10_000, "bad_input", "z" * 2000),
        ):
            with self.subTest(said):
                ((header, _),) = frames_of([done_frame(9, 1, 0, PredictError(code, message))])
                self.assertEqual(header["error"], {"code": told, "message": said})
                ((header, _),) = frames_of(rows_frames(9, 1, [], {0: RowError(message, code)}))
                self.assertEqual(header["errors"], [{"row": 0, "code": told, "message": said}])

    def test_large_replies_come_in_several_frames(self):
        x = np.arange(5 * 3_000_000, dtype=np.float32).reshape(5, -1)
        (column,), batch = columns(x, 5)
        frames = frames_of(rows_frames(9, 5, [column], {}))
        self.assertEqual([header["at"] for header, _ in frames], [[0, 1], [2, 3], [4]])
        self.assertEqual(b"".join(payload for _, payload in frames), x.tobytes())


class Tensors(unittest.TestCase):
    def test_any_tensors_come_back_as_they_went(self):
        source = random.Random(SEED)
        for round_ in range(60):
            rows = source.randint(1, 6)
            given, specs = {}, []
            for i, dtype in enumerate(source.sample(["bool", "int8", "uint16", "int64", "float16", "float32", "float64", "bytes"], 3)):
                ragged = source.random() < 0.5
                shapes = [(source.randint(0, 3), 2) for _ in range(rows)] if ragged else [tuple(source.randint(1, 3) for _ in range(source.randint(0, 2)))] * rows
                specs.append(Tensor(f"t{i}", dtype, (-1, 2) if ragged else shapes[0], ragged))
                arrays = [self._array(source, dtype, shape) for shape in shapes]
                given[f"t{i}"] = arrays if ragged else np.stack(arrays)
            batch = Batch(rows, {})
            ((header, payload),) = frames_of(rows_frames(1, rows, check_outputs(given, batch, specs), {}))
            back = read_inputs(parse_batch({"rows": rows, "budget_us": 1, "inputs": header["outputs"]}, len(payload)), memoryview(payload), specs)
            for name, value in given.items():
                with self.subTest(seed=SEED, round=round_, tensor=name):
                    for mine, theirs in zip(value, back[name]):
                        self.assertEqual((np.asarray(mine).dtype, np.asarray(mine).tolist()), (np.asarray(theirs, dtype=np.asarray(mine).dtype).dtype, np.asarray(theirs).tolist()))

    def _array(self, source, dtype, shape):
        count = int(np.prod(shape))
        if dtype == "bytes":
            array = np.empty(count, object)
            array[:] = [source.randbytes(source.randint(0, 5)) for _ in range(count)]
            return array.reshape(shape)
        return np.array([source.randint(0, 1 if dtype == "bool" else 100) for _ in range(count)], dtype).reshape(shape)

    def test_signatures_in_words(self):
        self.assertEqual(read_signature({"x": ("float32", [2, -1]), "y": np.int64, "z": "bytes"}, "inputs"), [Tensor("x", "float32", (2, -1)), Tensor("y", "int64", ()), Tensor("z", "bytes", ())])
        for wrong in ({"x": "complex64"}, {"x": "f4,,"}, {"x": ("float32", [-2])}, ["x"]):
            with self.assertRaises(ValueError):
                read_signature(wrong, "inputs")


class Credits(unittest.TestCase):
    def test_never_more_than_there_are_and_none_is_lost(self):
        for seed in range(SEED, SEED + 30):
            source = random.Random(seed)
            total = source.randint(1, 6)
            share, held, computing = CreditShare(total), {}, {}
            for step in range(200):
                broker = source.choice(list(held) or [None])
                act = source.random()
                if act < 0.2 and len(held) < 5:
                    held[step] = share.join(step)
                    computing[step] = 0
                elif broker is None:
                    continue
                elif act < 0.5 and held[broker] > computing[broker]:
                    computing[broker] += 1
                elif act < 0.8 and computing[broker] > 0:
                    computing[broker] -= 1
                    held[broker] -= 1
                    for other, count in share.done(broker):
                        held[other] += count
                elif act < 0.9:
                    # Batches that are still computed hold their credits until they are done.
                    left = computing.pop(broker)
                    del held[broker]
                    grants = share.leave(broker, left)
                    self.assertLessEqual(sum(held.values()) + sum(count for _, count in grants) + left, total, f"seed {seed}")
                    for _ in range(left):
                        grants += share.done(broker)
                    for other, count in grants:
                        held[other] += count
                self.assertLessEqual(sum(held.values()), total, f"seed {seed}")
            if held:
                self.assertGreater(sum(held.values()), 0, f"seed {seed}")


class Authors(unittest.TestCase):
    def _predict(self, target, given=None, offered=None, **inputs):
        author = Author(target, given or {})
        author.load(offered or {}, asyncio.run)
        return author, author.predict(Batch(1, inputs))

    def test_functions(self):
        two = {"inputs": {"a": "float32", "b": "float32"}}
        self.assertEqual(self._predict(lambda anything: anything, x=5)[1], 5)
        self.assertEqual(self._predict(lambda b, a: (a, b), two, a=1, b=2)[1], (1, 2))
        self.assertEqual(self._predict(lambda batch: batch.rows, two, a=1, b=2)[1], 1)
        self.assertEqual(self._predict(lambda a, batch, b: (a, b, batch.rows), two, a=1, b=2)[1], (1, 2, 1))
        self.assertEqual(self._predict(model(inputs={"q": "int8"}, max_batch=4)(lambda q: q), q=3)[0].options.max_batch, 4)
        for wrong, said in ((lambda: 1, "takes no arguments"), (lambda a, c: 1, "takes c, which is no input; the inputs are a, b")):
            with self.assertRaisesRegex(TypeError, said):
                self._predict(wrong, two, a=1, b=2)
        with self.assertRaisesRegex(TypeError, "the model is a object, which is no function and has no method predict"):
            self._predict(object())
        self.assertEqual(self._predict(lambda *given: given, two, b=2, a=1)[1], (1, 2))
        self.assertEqual(self._predict(lambda **given: given, two, b=2, a=1)[1], {"a": 1, "b": 2})
        self.assertEqual(self._predict(np.negative, x=np.ones(1))[1], [-1])

    def test_a_class_that_loads(self):
        class Scale:
            outputs = {"y": "float32"}

            def load(self, path, options):
                self.by, self.inputs = options["by"], [Tensor(path, "float32", ())]

            def predict(self, x):
                return x * self.by

        class Needy:
            def __init__(self, path):
                pass

        with self.assertRaisesRegex(TypeError, "made without arguments; what it needs at its start goes to its load"):
            self._predict(Needy)

        class Slow(Scale):
            async def load(self, path, options):
                await asyncio.sleep(0)
                Scale.load(self, path, options)

        self.assertEqual(self._predict(Slow, {}, {"path": "p", "options": {"by": 4}}, p=2)[1], 8)
        author, answer = self._predict(Scale, {}, {"path": "p", "options": {"by": 3}, "inputs": None}, p=2)
        self.assertEqual((answer, author.options.inputs, author.options.outputs), (6, [Tensor("p", "float32", ())], [Tensor("y", "float32", ())]))


class Entries(unittest.TestCase):
    def test_files_and_modules(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "some_model.py").write_text("def predict(x): return 1\nclass Holder:\n    inner = 2\n")
            file = os.path.join(folder, "some_model.py")
            self.assertEqual(find_entry(None, file)(0), 1)
            self.assertEqual(find_entry("Holder.inner", file), 2)
            self.assertEqual(find_entry("some_model:Holder.inner", folder), 2)
            self.assertEqual(find_entry("some_model.py:predict", folder)(0), 1)
            for entry, said in (("some_model:none", "has no none"), ("other.py:f", "there is no file"), ("../some_model.py:f", "leads out"), ("/etc/x.py:f", "leads out")):
                with self.subTest(entry), self.assertRaisesRegex(StartError, said):
                    find_entry(entry, folder)


def raised(code):
    try:
        exec(compile(code, "/models/price.py", "exec"), {})
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


class Failures(unittest.TestCase):
    def test_what_an_author_raised_is_said_with_its_kind_and_place(self):
        for code, said in (
            ("\n{}['age']", "KeyError: 'age' (price.py, line 2)"), ("raise ValueError", "ValueError (price.py, line 1)"),
            ("import json\njson.loads('{')", "(price.py, line 2)"), ("raise SystemExit(2)", "called sys.exit(2) (price.py, line 1): it has to return"),
            ("import no_such.thing", "-m pip install no_such"), ("def f(:", "SyntaxError"), ("import json\njson.nowhere", "AttributeError"),
        ):
            with self.subTest(code):
                self.assertIn(said, describe(raised(code)))
        self.assertIn("save it with cloudpickle", describe(AttributeError("Can't get attribute 'f' on <module '__main__'>")))
        class Mute(Exception):
            def __str__(self):
                raise ValueError

        self.assertEqual(describe(Mute()), "Mute")
        self.assertIn("pip install scikit-learn", describe(ModuleNotFoundError("No module named 'sklearn'", name="sklearn.svm")))

    def test_a_traceback_is_printed_once_for_each_place(self):
        told = io.StringIO()
        tracebacks = Tracebacks()
        with contextlib.redirect_stderr(told):
            for code in ("1 / 0", "1 / 0", "\n1 / 0", "raise KeyError"):
                tracebacks.tell(raised(code))
        self.assertEqual(told.getvalue().count("Traceback"), 3)

    def test_an_error_that_says_too_much_is_cut_and_its_place_still_said(self):
        for message in ("x" * 1_000_000, "line\n" * 100_000):
            error, told = raised(f"raise ValueError({message!r})"), io.StringIO()
            with contextlib.redirect_stderr(told):
                Tracebacks().tell(error)
            self.assertLess(len(told.getvalue()), 50_000)
            self.assertLessEqual(told.getvalue().count("\n"), 41)
            self.assertIn("Traceback", told.getvalue())
            self.assertLess(len(describe(error)), 2000)
            self.assertTrue(describe(error).endswith("(price.py, line 1)"))

    def test_a_model_that_took_standard_error_away_is_an_error_still(self):
        for taken in (None, io.TextIOWrapper(io.BytesIO())):
            if taken is not None:
                taken.close()
            with contextlib.redirect_stderr(taken):
                Tracebacks().tell(raised("1 / 0"))


class Environments(unittest.TestCase):
    def test_flags_win_and_all_is_read(self):
        reading, writing = os.pipe()
        os.write(writing, b" secret\n")
        os.close(writing)
        env = {"TRADEWIND_CONNECT": "unix:/a, tcp://[::1]:7", "TRADEWIND_MODEL": "m", "TRADEWIND_VERSION": "3", "TRADEWIND_OPTIONS": '{"a": 1}', "TRADEWIND_TOKEN_FD": str(reading),
               "TRADEWIND_INPUT": json.dumps([{"name": "x", "dtype": "int8", "shape": [-1], "ragged": True}]), "TRADEWIND_OWNED": "1"}
        found = read_environment(env, {"model": "other", "path": "here"})
        self.assertEqual((found.connect, found.model, found.version, found.options, found.token, found.owned), (["/a", ("::1", 7)], "other", 3, {"a": 1}, "secret", True))
        self.assertEqual((found.path, found.inputs), (os.path.abspath("here"), [Tensor("x", "int8", (-1,), True)]))
        self.assertEqual(read_environment({**env, "TRADEWIND_TOKEN_FD": ""}, {"connect": ["unix:/x", "unix:/y"]}).connect, ["/x", "/y"])

    def test_every_fault_is_said(self):
        with self.assertRaises(StartError) as caught:
            read_environment({"TRADEWIND_CONNECT": "x", "TRADEWIND_VERSION": "0", "TRADEWIND_OPTIONS": "[]", "TRADEWIND_INPUT": "{}", "TRADEWIND_TOKEN_FD": "x"}, {})
        self.assertEqual(len(str(caught.exception).split("\n")), 6)


if __name__ == "__main__":
    unittest.main()
