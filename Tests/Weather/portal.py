"""What may answer instead of a service: portal.py MODE PORT_FILE [UPSTREAM_PORT [BYTES]]

html      a captive portal's page         error     status 500 with a page
redirect  elsewhere                       garbage   the right type, bytes that mean nothing
huge      an answer without end           cut       a proxy to UPSTREAM that closes after BYTES of each exchange's answer
"""
import http.server
import sys
import urllib.request

mode, port_file = sys.argv[1], sys.argv[2]
upstream = sys.argv[3] if len(sys.argv) > 3 else None
limit = int(sys.argv[4]) if len(sys.argv) > 4 else 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        out = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            out += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return out

    def answer(self, status, kind, content, headers=()):
        self.send_response(status)
        for name, value in (("content-type", kind), ("content-length", str(len(content))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self):
        sent = self.body()
        page = "<html><body>请先登录网络</body></html>".encode()
        if mode == "html":
            self.answer(200, "text/html; charset=utf-8", page)
        elif mode == "error":
            self.answer(500, "text/html", page)
        elif mode == "redirect":
            self.answer(302, "text/html", b"", [("location", "http://127.0.0.1:1/login")])
        elif mode == "garbage":
            self.answer(200, "application/x-protobuf", b"\xff\xff\xff\xff nothing of use")
        elif mode == "huge":
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(1 << 30))
            self.end_headers()
            try:
                for _ in range(1 << 14):
                    self.wfile.write(bytes(1 << 16))
            except OSError:
                pass
        elif mode == "cut":
            names = ("content-type", "content-digest", "dundian-opening", "signature", "signature-input")
            headers = {name: self.headers[name] for name in names if self.headers[name]}
            request = urllib.request.Request(f"http://127.0.0.1:{upstream}{self.path}", sent, headers, method="POST")
            try:
                with urllib.request.urlopen(request) as reply:
                    status, kind, content = reply.status, reply.headers["content-type"], reply.read()
            except urllib.error.HTTPError as reply:
                status, kind, content = reply.code, reply.headers["content-type"], reply.read()
            if self.path == "/v1/exchange" and len(content) > limit:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[:limit])
                self.wfile.flush()
                self.connection.close()
                self.close_connection = True
            else:
                self.answer(status, kind, content)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file, "w") as file:
    file.write(f"{server.server_port}\n")
server.serve_forever()
