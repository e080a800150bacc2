"""Both clients against a broker of a few lines."""

import asyncio
import io
import json
import os
import socket
import tarfile
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tradewind import AsyncClient, BrokerError, BrokerUnreachable, Client, NotReady
from tradewind.client.call import Feedback
from tradewind.client.deployment import Deployment, is_ready

ANSWER = {"decision_id": "d", "output": 7, "model": "m", "version": 3, "source": "model", "confidence": 0.5, "latency_ms": 0.9, "later": 1}
MANY = {"decision_id": "d", "outputs": [1, 2], "source": "model", "latency_ms": 1, "rows": [{"source": "model"}, {"source": "default", "reason": "expired_in_queue"}]}


def refusal(code, **more):
    return {"error": {"code": code, "message": "no", **more}}


class Broker:
    """Answers from a list of (status, body); says what it was asked."""

    def __init__(self, *answers):
        self.asked = []
        self.connections = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                outer.connections.add(self.client_address)
                outer.asked.append((self.command, self.path, json.loads(body) if body else None, self.headers.get("authorization")))
                status, answer = answers[min(len(outer.asked), len(answers)) - 1]
                if status == 0:
                    # Cut off in the middle.
                    self.close_connection = True
                    return
                raw = json.dumps(answer).encode()
                self.send_response(status)
                if answer == ANSWER:
                    self.send_header("transfer-encoding", "chunked")
                    self.end_headers()
                    self.wfile.write(b"5\r\n" + raw[:5] + b"\r\n%x\r\n" % (len(raw) - 5) + raw[5:] + b"\r\n0\r\n\r\n")
                else:
                    self.send_header("content-length", str(len(raw)))
                    self.end_headers()
                    self.wfile.write(raw)

            do_GET = do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Blocking:
    """The asynchronous client, called as the other is."""

    def __init__(self, *args, **kwargs):
        self.loop = asyncio.new_event_loop()
        self.client = AsyncClient(*args, **kwargs)

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.loop.run_until_complete(getattr(self.client, name)(*args, **kwargs))

    def end(self):
        self.loop.run_until_complete(self.client.close())
        self.loop.close()


class Clients(unittest.TestCase):
    def each(self, *answers, **options):
        """A broker and a client of each kind, one after the other."""
        for kind in (Client, Blocking):
            broker = Broker(*answers)
            client = kind(broker.url, **options)
            with self.subTest(kind.__name__):
                yield broker, client
            client.end() if kind is Blocking else client.close()
            broker.close()

    def test_an_answer_is_typed_and_what_is_new_in_it_kept(self):
        for broker, client in self.each((200, ANSWER), token="t"):
            answer = client.predict("digits", [1.5, 2], slo_ms=20, context={"user": "ann"})
            self.assertEqual((answer.output, answer.model, answer.version, answer.source, answer.cached, answer.body["later"]), (7, "m", 3, "model", False, 1))
            self.assertEqual(broker.asked, [("POST", "/v1/apps/digits/predict", {"input": [1.5, 2], "slo_ms": 20, "context": {"user": "ann"}}, "Bearer t")])
            client.predict("digits", {"text": b"\x00"})
            self.assertEqual(broker.asked[1][2], {"input": {"text": {"b64": "AA=="}}})
            self.assertEqual(len(broker.connections), 1)

    def test_many_rows(self):
        for _, client in self.each((200, MANY)):
            answer = client.predict_many("a b", [[1], [2]])
            self.assertEqual((answer.outputs, answer.rows[1].reason, answer.decision_of(1)), ([1, 2], "expired_in_queue", "d.1"))

    def test_what_a_retry_can_help_with_is_tried_again_and_nothing_else(self):
        for broker, client in self.each((503, refusal("queue_full", retry_after_ms=1)), (0, None), (200, ANSWER)):
            self.assertEqual(client.predict("a", 1).output, 7)
            self.assertEqual(len(broker.asked), 3)
        for broker, client in self.each((404, refusal("unknown_app", path="app"))):
            with self.assertRaises(BrokerError) as caught:
                client.predict("a", 1)
            self.assertEqual((caught.exception.code, caught.exception.status, caught.exception.path, caught.exception.retryable), ("unknown_app", 404, "app", False))
            self.assertEqual(len(broker.asked), 1)
        for broker, client in self.each((503, refusal("queue_full")), retries=1):
            with self.assertRaisesRegex(BrokerError, "queue_full: no"):
                client.predict("a", 1)
            self.assertEqual(len(broker.asked), 2)

    def test_a_pause_that_outlasts_the_time_is_not_begun(self):
        for broker, client in self.each((503, refusal("queue_full", retry_after_ms=60_000)), timeout=5):
            with self.assertRaises(BrokerError):
                client.predict("a", 1)
            self.assertEqual(len(broker.asked), 1)

    def test_an_idle_connection_that_was_closed_meanwhile_is_no_failure(self):
        for broker, client in self.each((200, ANSWER), (0, None), (200, ANSWER), retries=0):
            client.predict("a", 1)
            self.assertEqual(client.predict("a", 1).output, 7)
            self.assertEqual(len(broker.connections), 2)

    def test_nobody_there(self):
        for broker, client in self.each((200, ANSWER), retries=0):
            broker.close()
            with self.assertRaises(BrokerUnreachable):
                client.predict("a", 1)

    def test_an_error_that_is_none_of_the_brokers(self):
        for _, client in self.each((502, "what")):
            with self.assertRaisesRegex(BrokerError, "unknown: HTTP status 502"):
                client.predict("a", 1)

    def test_feedback(self):
        for broker, client in self.each((202, {"verdict": "accepted"}), (207, {"results": [{"verdict": "accepted"}, {"verdict": "refused"}]})):
            self.assertEqual(client.feedback("d", reward=1), "accepted")
            self.assertEqual([one["verdict"] for one in client.feedback_many([Feedback("d", value=2.0, id="x"), Feedback("e", label="cat")])], ["accepted", "refused"])
            self.assertEqual([one[2] for one in broker.asked], [{"decision_id": "d", "reward": 1}, [{"decision_id": "d", "value": 2.0, "id": "x"}, {"decision_id": "e", "label": "cat"}]])

    def test_a_call_that_is_cancelled_closes_its_connection(self):
        async def run():
            asked, closed = asyncio.Event(), asyncio.Event()

            async def silent(reader, writer):
                await reader.readuntil(b"\r\n\r\n")
                asked.set()
                while await reader.read(100):
                    pass
                closed.set()
                writer.close()

            server = await asyncio.start_server(silent, "127.0.0.1", 0)
            client = AsyncClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            call = asyncio.ensure_future(client.predict("a", 1))
            await asked.wait()
            call.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await call
            await asyncio.wait_for(closed.wait(), 5)
            self.assertEqual(client._idle, [])
            server.close()

        asyncio.run(run())

    def test_silence_ends_with_the_time(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            for kind in (Client, Blocking):
                client = kind(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.1)
                with self.assertRaises(BrokerUnreachable):
                    client.predict("a", 1)
                client.end() if kind is Blocking else client.close()


class Deploying(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.join(folder.name, "root")
        self.source = os.path.join(folder.name, "m.onnx")
        with open(self.source, "w") as file:
            file.write("weights")

    def place(self, target, options=None, model=None, signature=None):
        deployment = Deployment("m", 1, signature or {})
        given = deployment.collect(target, options or {})
        return given.body(given.place(deployment.folder(self.root)), model or {})

    def test_a_file_is_placed_in_a_folder_named_for_its_content(self):
        first = self.place(self.source, {"threads": 2}, {"replicas": 3})
        self.assertEqual({**first, "path": ""}, {"container": "onnx", "replicas": 3, "options": {"threads": 2}, "path": ""})
        with open(first["path"]) as file:
            self.assertEqual(file.read(), "weights")
        self.assertEqual(self.place(self.source)["path"], first["path"])
        with open(self.source, "w") as file:
            file.write("other weights")
        self.assertNotEqual(self.place(self.source)["path"], first["path"])
        self.assertEqual(len(os.listdir(os.path.join(self.root, "m", "1"))), 2)

    def test_a_folder_goes_whole_and_as_an_archive_the_same_each_time(self):
        folder = os.path.join(os.path.dirname(self.source), "code")
        os.makedirs(os.path.join(folder, "deep", "__pycache__"))
        for path, content in (("m.py", "x = 1"), ("deep/more.py", "y = 2"), ("deep/__pycache__/m.pyc", "no")):
            with open(os.path.join(folder, path), "w") as file:
                file.write(content)
        given = Deployment("m", 1, {}).collect(folder, {"entry": "m:x"})
        with tarfile.open(fileobj=io.BytesIO(given.archive())) as archive:
            self.assertEqual({one.name: archive.extractfile(one).read() for one in archive.getmembers()}, {"deep/more.py": b"y = 2", "m.py": b"x = 1"})
        self.assertEqual(given.archive(), Deployment("m", 1, {}).collect(folder, {"entry": "m:x"}).archive())
        self.assertEqual(given.body("/there", {}), {"container": "python", "path": "/there", "options": {"entry": "m:x"}})
        placed = given.place(Deployment("m", 1, {}).folder(self.root))
        self.assertEqual(sorted(os.listdir(placed)), ["deep", "m.py"])

    def test_what_cannot_be_served_is_refused(self):
        with self.assertRaisesRegex(ValueError, "nothing is known that serves"):
            self.place(self._other())
        with self.assertRaisesRegex(ValueError, "needs options"):
            self.place(os.path.dirname(self.source))
        with self.assertRaisesRegex(ValueError, "go with a function"):
            self.place(self.source, signature={"inputs": {}})
        with self.assertRaisesRegex(FileNotFoundError, "there is no file or folder .*missing"):
            self.place(os.path.join(self.root, "missing"))
        for wrong in (5, None, object()):
            with self.assertRaisesRegex(TypeError, "can be deployed, and not a (int|NoneType|object)"):
                self.place(wrong)
        with self.assertRaisesRegex(ValueError, "holds no file"):
            self.place(tempfile.mkdtemp(dir=os.path.dirname(self.source)), {"entry": "m:f"})

    def _other(self):
        path = self.source + ".unknown"
        with open(path, "w"):
            return path

    def test_ready_waiting_and_failing(self):
        self.assertTrue(is_ready({"status": {"ready": 1, "desired": 2}}, 1))
        self.assertFalse(is_ready({"status": {"ready": 0, "desired": 1, "replicas": [{"state": "starting"}]}}, 1))
        # What was deployed there before serves on meanwhile, and says nothing of what was sent now.
        self.assertFalse(is_ready({"status": {"ready": 1, "desired": 1, "replicas": [{"state": "ready"}, {"state": "starting"}]}}, 1))
        with self.assertRaisesRegex(NotReady, r"exited with code 1 \(backoff\)"):
            is_ready({"status": {"ready": 1, "desired": 1, "replicas": [{"state": "ready"}, {"state": "backoff", "reason": "exited with code 1"}]}}, 1)
        with self.assertRaisesRegex(NotReady, r"exited with code 1 \(backoff\)\n  no numpy"):
            is_ready({"status": {"ready": 0, "desired": 1, "replicas": [{"state": "backoff", "reason": "exited with code 1", "output": ["no numpy"]}]}}, 1)
        with self.assertRaisesRegex(NotReady, "the time is over$"):
            is_ready({"status": {"ready": 0, "desired": 1, "replicas": []}}, 0)
        with self.assertRaises(NotReady) as late:
            is_ready({"status": {"ready": 0, "desired": 1, "replicas": [{"state": "starting", "output": ["loading weights"]}]}}, 0)
        self.assertEqual((str(late.exception), late.exception.state, late.exception.output), ("the version did not become ready: the time is over (starting)\n  loading weights", "starting", ["loading weights"]))


if __name__ == "__main__":
    unittest.main()
