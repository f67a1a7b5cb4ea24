"""The page: it stands alone, ties bytes to words, and nothing of what a peer sent is markup."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explain import canned
from wire.explain import websocket
from wire.explain.conversation import Direction, annotate
from wire.explain.http1 import explain, explain_both
from wire.explain.page import Part, explanation_page, page
from wire.fuzz.strategies import Spoilt
from wire.fuzz.websocket import strategies
from wire.http1 import Role
from wire.websocket import Deflate
from wire.websocket import Role as WebSocketRole

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_VOID = {"meta"}


class Reader(HTMLParser):
    """Reads a page, and checks that its elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, name: str) -> list[str]:
        """The values of an attribute."""
        return [value for _tag, attributes in self.elements if (value := attributes.get(name)) is not None]


def tour() -> str:
    smuggling = canned.conversation((canned.UP, canned.SMUGGLING))
    parts = [
        Part("upload", "An upload", "It asks first.", annotate(canned.UPLOAD, explain_both)),
        Part("smuggling", "<An attempt>", "It is refused.", annotate(smuggling, explain_both), clock=False),
        Part("websocket", "A WebSocket", "Frames.", annotate(canned.WEBSOCKET, websocket.explain_both), clock=False),
    ]
    return page("A tour", "What is said.", parts)


def test_it_stands_alone() -> None:
    reader = Reader(tour())
    assert {tag for tag, _attributes in reader.elements}.isdisjoint({"link", "img", "iframe", "object", "base"})
    assert reader.all("src") == []
    outside = [link for link in reader.all("href") if not link.startswith("#")]
    assert outside
    assert all(link.startswith("https://www.rfc-editor.org/rfc/rfc") for link in outside)
    assert "url(" not in tour()
    assert "@import" not in tour()


def test_names_are_unique_and_links_lead_somewhere() -> None:
    reader = Reader(tour())
    names = reader.all("id")
    assert len(names) == len(set(names))
    assert {link.removeprefix("#") for link in reader.all("href") if link.startswith("#")} <= set(names)
    tied = {field for fields in reader.all("data-l") for field in fields.split(" ")}
    assert {f"f{field}" for field in tied} <= set(names)


def test_what_is_said_and_shown() -> None:
    reader = Reader(tour())
    for words in ("An upload", "It asks first.", "<An attempt>", "more of response 1", "1.0 ms", "closed"):
        assert words in reader.text
    assert "a message has both Transfer-Encoding and Content-Length" in reader.text
    assert "http1.transfer-encoding.with-content-length" in reader.text


def test_content_is_tied_to_the_chunks_that_it_came_in() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
    text = explanation_page(explain(data, Role.SERVER), Direction.TO_CLIENT)
    derived = text[text.index('class="derived"') :]
    for piece in (b"ab", b"cde"):
        assert f'href="#f0c{data.index(piece)}.0" tabindex="-1" class="k-content">{piece.decode()}</a>' in derived


def test_what_is_derived_is_tied_to_the_wire_through_every_layer() -> None:
    reader = Reader(tour())
    packed, text = canned.WEBSOCKET.stream(canned.UP), bytes.fromhex("f248cdc9c90700")
    place = packed.index(b"\xc1\x87") + 6
    tied = [attributes for _tag, attributes in reader.elements if attributes.get("data-l") == f"2s{place}.0"]
    assert {attributes.get("class") for attributes in tied} >= {"k-content"}
    assert f"unmasked: {text.hex(' ')}" in reader.text
    assert "inflated: Hello" in reader.text
    assert "compression window: 0 bytes → 5 bytes" in reader.text


def test_bits_have_fields_of_their_own() -> None:
    reader = Reader(explanation_page(websocket.explain(b"\x81\x02Hi", WebSocketRole.SERVER), Direction.TO_CLIENT))
    bits = [
        (attributes["data-bits"], attributes["data-from"])
        for _tag, attributes in reader.elements
        if "data-bits" in attributes
    ]
    first = [("bit 0", "0"), ("bit 1", "0"), ("bit 2", "0"), ("bit 3", "0"), ("bits 4–7", "0")]
    assert bits == [*first, ("bit 0", "1"), ("bits 1–7", "1")]
    shared = [attributes for _tag, attributes in reader.elements if (attributes.get("data-l") or "").count(" ") == 4]
    assert len(shared) == 2, "the byte that five fields share stands there once, and so does its character"


HOSTILE = b"<script>alert(1)</script>\"'&\x00\xff"


def test_what_a_peer_sent_is_never_markup() -> None:
    data = b"HTTP/1.1 200 <b>\r\nX: " + HOSTILE[:-2] + b"\r\nContent-Length: 29\r\n\r\n" + HOSTILE
    text = explanation_page(explain(data, Role.SERVER), Direction.TO_CLIENT)
    reader = Reader(text)
    assert [tag for tag, _attributes in reader.elements].count("script") == 1
    assert "<b>" not in text
    assert "<script>alert(1)</script>" in reader.text


@given(data=st.binary(max_size=60) | st.sampled_from([HOSTILE, canned.REQUEST, canned.SWITCHED, canned.INCOMPLETE]))
def test_every_byte_of_any_input_is_in_one_field_of_the_page(data: bytes) -> None:
    for sender, direction in ((Role.CLIENT, Direction.TO_SERVER), (Role.SERVER, Direction.TO_CLIENT)):
        reader = Reader(explanation_page(explain(data, sender, closed=True), direction))
        offsets = [int(at) for at in reader.all("data-from")]
        assert offsets == sorted(offsets)
        assert sum(int(to) for to in reader.all("data-to")) - sum(offsets) == len(data), "every byte is in one field"


@given(spoilt=strategies.inputs(masked=True))
def test_any_frames_make_a_page(spoilt: Spoilt) -> None:
    explanation = websocket.explain(spoilt.data, WebSocketRole.CLIENT, deflate=Deflate())
    reader = Reader(explanation_page(explanation, Direction.TO_SERVER))
    names = reader.all("id")
    assert len(names) == len(set(names))
    assert {link.removeprefix("#") for link in reader.all("href") if link.startswith("#")} <= set(names)


def test_a_long_body_is_folded_away_and_a_longer_one_left_out() -> None:
    def text(length: int) -> str:
        data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + b"x" * length
        return explanation_page(explain(data, Role.SERVER), Direction.TO_CLIENT)

    assert "<details><summary>⋮ 944 bytes more</summary>" in text(1000)
    assert "<details>" not in text(100_000)
    assert len(text(1_000_000)) < 100_000


@pytest.fixture
def browse(tmp_path: Path) -> Callable[[str, str], str]:
    """Opens a page in a browser and gives what has become of it."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    options += "--disable-component-update --disable-sync --dump-dom"

    def browse(text: str, fragment: str = "") -> str:
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        command = [str(CHROMIUM), *options.split(), f"--user-data-dir={tmp_path / 'profile'}", file.as_uri() + fragment]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    return browse


def test_in_a_browser_a_field_lights_up_wherever_it_is(browse: Callable[[str, str], str]) -> None:
    shown = browse(tour(), "#f0s23.0")
    lit = re.findall(r'<(\w+) [^>]*class="[^"]*\bon"[^>]*>([^<]*)<', shown)
    assert ("a", "65 78") in lit, "the bytes in their first row"
    assert ("a", "61 6d 70 6c 65 2e 6f 72") in lit, "the bytes in their second row"
    assert ("a", "ample.or") in lit, "the characters"
    assert ("a", "example.org") in lit, "the value"
    assert "bytes 23–33 · 11 in all" in shown, "the inspector"


_KEYS = """<script>
const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
document.querySelector(".unit").focus();
for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"]) press(key);
document.title = document.activeElement.textContent;
</script></html>"""


def test_in_a_browser_the_arrow_keys_go_through_units_and_fields(browse: Callable[[str, str], str]) -> None:
    assert "<title>example.org</title>" in browse(tour().replace("</html>", _KEYS), "")
