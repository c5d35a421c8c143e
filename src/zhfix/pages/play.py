"""The playground: a server on this machine only, for the one page that it serves.

Other sites cannot use it: it answers only to its own address, to requests that carry the token
of the page, and only on the loopback interface. Nothing is read from disk but the page itself.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import zhfix
from zhfix.errors import ZhfixError
from zhfix.pages.report import document_view, style
from zhfix.pipeline import DEFAULT_ORDER, default
from zhfix.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhfix.document import Document

__all__ = ["Playground", "answer"]

HOST = "127.0.0.1"
#: Bytes of one request: a book fits, a crawl does not.
LIMIT = 16 << 20
#: Rules whose examples can be tried at one click.
EXAMPLES = (
    *("spam-mirror/gloss", "spam-mirror/false-match", "spam-mirror/punctuation-split"),
    *("mojibake/utf-8-read-as-gbk", "mojibake/gbk-read-as-latin-1", "escape/entity"),
    *("escape/unicode", "code-point/radical", "damage/replacement-read-as-gbk"),
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGES = {
    "/": ("play.html", "text/html; charset=utf-8"),
    "/play.js": ("play.js", "text/javascript; charset=utf-8"),
}


class BadRequestError(Exception):
    """What the page asked cannot be done; the message is shown."""


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the stages that were asked for and return what the page shows.

    >>> answer({"text": "網(wǎng)絡(luò)與網(wǎng)絡(luò)", "stages": ["repair"]})["text"]
    '網絡與網絡'

    `request` has "text" or "data" (base64), "stages", "to" and "encoding". Raises
    `BadRequestError` or a `ZhfixError` with a message for the user.
    """
    if not isinstance(request, dict):
        raise BadRequestError("the request is no object")
    stages = [name for name in DEFAULT_ORDER if name in _names(request.get("stages"))]
    to = _string(request, "to") or None
    pipeline = default(to=to).only(*stages)
    if encoding := _string(request, "encoding"):
        pipeline = pipeline.with_decoder(encoding)
    if "data" in request:
        try:
            data = base64.b64decode(_string(request, "data"), validate=True)
        except binascii.Error as error:
            raise BadRequestError("the file did not arrive whole; try again") from error
        document = pipeline.run_bytes(data)
    else:
        document = pipeline.run(_string(request, "text"))
    return {
        "text": _sendable(document.text),
        "original": _sendable(document.original),
        "html": document_view(document, "p"),
        "summary": _summary(document),
    }


def _names(value: object) -> list[str]:
    if not isinstance(value, list):
        raise BadRequestError("the stages are missing")
    return [name for name in value if isinstance(name, str)]


def _string(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name, "")
    if not isinstance(value, str):
        raise BadRequestError(f"{name} is no text")
    return value


def _sendable(text: str) -> str:
    """Lone surrogates are no text that a browser takes."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _summary(document: Document) -> str:
    edits = sum(1 for edit in document.edits for _ in edit.refine())
    parts = [f"Decoded as {document.encoding}."] if document.encoding else []
    parts.append(f"{edits:,} edit{'s' * (edits != 1)}, {len(document.findings):,} still open.")
    return " ".join(parts)


@dataclass(slots=True)
class Playground:
    """The server; `url` opens it. Use it in a `with` block, or call `close`.

    >>> with Playground() as playground:
    ...     playground.url.startswith("http://127.0.0.1:")
    True
    """

    port: int = 0
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        """Bind to the port, or to a free one; raises `OSError` when it is taken."""
        token = self.token

        class Handler(_Handler):
            secret = token

        self.server = ThreadingHTTPServer((HOST, self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    @property
    def url(self) -> str:
        """The address of the page, with its token."""
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def serve(self) -> None:
        """Answer until interrupted or closed."""
        self.server.serve_forever(poll_interval=0.2)

    def close(self) -> None:
        """Free the port."""
        self.server.server_close()

    def __enter__(self) -> Playground:  # noqa: PYI034 -- final in use
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    secret = ""
    server_version = f"zhfix/{zhfix.__version__}"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:  # the name that http.server calls
        """Serve the page, its script and style, and the examples."""
        path = urlsplit(self.path).path
        if not self._is_our_own():
            return
        if path == "/style.css":
            self._send(HTTPStatus.OK, style().encode(), "text/css; charset=utf-8")
        elif path == "/examples":
            if self._has_token():
                self._json(HTTPStatus.OK, _examples())
        elif path in PAGES:
            given = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
            if path == "/" and not hmac.compare_digest(given.encode(), self.secret.encode()):
                self._json(HTTPStatus.FORBIDDEN, {"error": "open the address that zhfix printed"})
                return
            name, kind = PAGES[path]
            self._send(HTTPStatus.OK, files("zhfix.pages").joinpath(name).read_bytes(), kind)
        else:
            self._json(HTTPStatus.NOT_FOUND, {"error": "no such page"})

    def do_POST(self) -> None:  # as above
        """Run the stages over what was sent."""
        if not (self._is_our_own() and self._has_token()):
            return
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > LIMIT:
            self.close_connection = True
            told = f"that is more than {LIMIT >> 20} MB; use the command for large files"
            self._json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": told})
            return
        body = self.rfile.read(int(size))
        if urlsplit(self.path).path != "/run":
            self._json(HTTPStatus.NOT_FOUND, {"error": "no such page"})
            return
        try:
            self._json(HTTPStatus.OK, answer(json.loads(body)))
        except (BadRequestError, ZhfixError, ValueError, RecursionError) as error:
            self._json(HTTPStatus.BAD_REQUEST, {"error": str(error)})

    def _is_our_own(self) -> bool:
        """Refuse other sites: they can reach this address, but not under its own name."""
        hosts = {f"{HOST}:{self.server.server_port}", f"localhost:{self.server.server_port}"}  # type: ignore[attr-defined]
        origin = self.headers.get("Origin")
        if self.headers.get("Host") in hosts and (
            origin is None or origin in {f"http://{host}" for host in hosts}
        ):
            return True
        self.close_connection = True
        self._json(HTTPStatus.FORBIDDEN, {"error": "not for other sites"})
        return False

    def _has_token(self) -> bool:
        given = self.headers.get("X-Zhfix-Token", "")
        if hmac.compare_digest(given.encode(), self.secret.encode()):
            return True
        self.close_connection = True
        self._json(HTTPStatus.FORBIDDEN, {"error": "open the address that zhfix printed"})
        return False

    def _json(self, status: HTTPStatus, value: object) -> None:
        self._send(status, json.dumps(value).encode(), "application/json")

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
        """Print nothing: the terminal shows the address, and what a user does is his own."""


def _examples() -> list[dict[str, str]]:
    known = catalogue()
    return [
        {"name": known[rule].summary, "text": _sendable(known[rule].example_before)}
        for rule in EXAMPLES
        if rule in known
    ]
