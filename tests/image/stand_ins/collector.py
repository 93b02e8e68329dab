"""Stands in for the OpenTelemetry Collector: takes OTLP over HTTP and prints a line a batch."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATHS = ("/v1/traces", "/v1/metrics", "/v1/logs")
CONFIG = next(word for word in sys.argv if word.startswith("--config="))


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers["content-length"])))
        known = self.path in PATHS
        print(f"{self.path} {size} bytes", flush=True)
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")  # an answer of protobuf with no field set
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Prints the batches only."""


Path(CONFIG.partition("=")[2]).read_text("utf-8")  # it can be read by this user
print("This is a stand-in, not the OpenTelemetry Collector.", flush=True)
ThreadingHTTPServer(("0.0.0.0", 4318), Receiver).serve_forever()
