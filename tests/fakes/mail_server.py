"""A small mail server on loopback for tests: takes mail, with STARTTLS where it has a certificate, and fails to order.

Enter: faults. Leave: mails that it took. Not here: anything of mail that tests do not need.
"""

import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

HANG_UP = "hang up"  # instead of an answer to the whole mail
TAKEN_BUT_SILENT = "taken but silent"  # the mail is kept, and the line cut before its answer


class MailServer(ThreadingTCPServer):
    """Serves until shut down; faults wait for the next mails: an answer such as "451 later", or HANG_UP."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.context = context
        self.faults: deque[str] = deque()
        self.mails: list[Message] = []
        self.receivers: list[list[str]] = []
        self.refused_receivers: set[str] = set()
        self.sign_ins: list[str] = []
        self.was_encrypted: list[bool] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(StreamRequestHandler):
    """One connection."""

    server: MailServer

    def handle(self) -> None:
        # Clients that do not trust us, or are done, just go.
        try:
            with suppress(OSError):
                self._talk()
        finally:
            # An encrypted line is another one than that which the server closes by itself.
            self.connection.close()

    def _talk(self) -> None:
        self._answer("220 ready")
        receivers: list[str] = []
        is_encrypted = False
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            word, _, rest = line.partition(" ")
            match word.upper():
                case "EHLO":
                    offers = ["AUTH PLAIN"] if is_encrypted or self.server.context is None else ["STARTTLS"]
                    self._answer(f"250-here\r\n250 {offers[0]}")
                case "STARTTLS":
                    assert self.server.context is not None
                    self._answer("220 go on")
                    self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
                    is_encrypted = True
                case "AUTH":
                    self.server.sign_ins.append(rest)
                    self._answer("235 welcome")
                case "RCPT":
                    address = rest.partition("<")[2].partition(">")[0]
                    is_refused = address in self.server.refused_receivers
                    receivers += [] if is_refused else [address]
                    self._answer("550 nobody of that name" if is_refused else "250 fine")
                case "DATA":
                    if not self._take(receivers, is_encrypted=is_encrypted):
                        return
                    receivers = []
                case "QUIT":
                    self._answer("221 bye")
                    return
                case _:
                    self._answer("250 fine")

    def _take(self, receivers: list[str], *, is_encrypted: bool) -> bool:
        """Take a mail, or fail as ordered; tells whether the line stays."""
        self._answer("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        fault = self.server.faults.popleft() if self.server.faults else ""
        if fault and fault != TAKEN_BUT_SILENT:
            if fault != HANG_UP:
                self._answer(fault)
            return fault != HANG_UP
        self.server.mails.append(message_from_bytes(b"".join(lines)))
        self.server.receivers.append(receivers)
        self.server.was_encrypted.append(is_encrypted)
        if fault == TAKEN_BUT_SILENT:
            return False
        self._answer("250 taken")
        return True

    def _answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
        self.wfile.flush()


@contextmanager
def served_mail(context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    """Serve while the block lasts."""
    with MailServer(context) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def server_context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate of our own for 127.0.0.1; gives the server's context, and the file that a client trusts."""
    import ipaddress
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "trusted.pem", folder / "private.pem"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
