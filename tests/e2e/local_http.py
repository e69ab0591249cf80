"""An HTTP server on loopback that answers as a test says, and remembers what it was asked."""
import http.server
import json
import threading


class Asked:
    def __init__(self, handler, body):
        self.method, self.headers, self.body = handler.command, dict(handler.headers), body
        self.path, _, self.query = handler.path.partition("?")

    def json(self):
        return json.loads(self.body)


class LocalHttp:
    """`answers[path]`: a list of (status, headers, body), or of functions of what was asked that return one; the last
    one stays."""

    def __init__(self):
        self.answers, self.asked = {}, []
        self.release = threading.Event()  # who waits for it is answered at the end
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.answer(self, Asked(self, body.decode()))

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def on(self, path, *answers):
        """What is answered there, one after the other."""
        self.answers[path] = list(answers)
        return self.url + path

    def asked_at(self, path):
        return [one for one in self.asked if one.path == path]

    def answer(self, handler, asked):
        self.asked.append(asked)
        answers = self.answers.get(asked.path, [(404, {}, "nothing here")])
        one = answers.pop(0) if len(answers) > 1 else answers[0]
        status, headers, body = one(asked) if callable(one) else one
        try:
            handler.send_response_only(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body.encode())))
            handler.end_headers()
            handler.wfile.write(body.encode())
        except OSError:
            pass  # whoever asked has gone

    def never(self, _):
        """An answer that comes when the server is closed."""
        self.release.wait()
        return 200, {}, "{}"
