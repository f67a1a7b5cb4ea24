"""Chromium, which nobody here wrote, talks to the samples: echo, two tabs that chat, a page from elsewhere."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.samples.chromium import Browser, Tab, chromium, needs_chromium
from tests.serving import Served, serving

pytestmark = needs_chromium

OPEN = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => resolve(socket);
  socket.onclose = ({ code }) => resolve(code);
})"""

ECHO = """(async () => {
  const socket = await (%s)(%s);
  const said = ["text", "ü€😀", "", "x".repeat(1 << 20), new Uint8Array([0, 128, 255]), new Uint8Array(70000)];
  const heard = [];
  const all = new Promise((resolve) => {
    socket.onmessage = ({ data }) => { if (heard.push(data) === said.length) resolve(); };
  });
  for (const message of said) socket.send(message);
  await all;
  const bytes = (message) => typeof message === "string" ? message : [...new Uint8Array(message)].join();
  const same = said.every((message, number) => bytes(message) === bytes(heard[number]));
  const closed = new Promise((resolve) => { socket.onclose = resolve; });
  socket.close(3000, "enough");
  const { code, wasClean } = await closed;
  return { same, code, wasClean, extensions: socket.extensions };
})()"""


@pytest.fixture(scope="module", params=["ws", "wss"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """The samples, in the clear and over TLS."""
    with serving(*(["--tls"] if request.param == "wss" else [])) as running:
        yield running


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with chromium(tmp_path / "profile") as running:
        yield running


def ws(url: str) -> str:
    return "ws" + url.removeprefix("http")


async def test_a_page_hears_its_echo(served: Served, browser: Browser) -> None:
    tab = await browser.open(served.url + "/hello")
    result: dict[str, Any] = await tab.evaluate(ECHO % (OPEN, json.dumps(ws(served.url) + "/ws/echo")))
    assert result.pop("extensions").startswith("permessage-deflate")
    assert result == {"same": True, "code": 3000, "wasClean": True}


async def enter(browser: Browser, url: str, name: str) -> Tab:
    """Open the page, and enter the room."""
    tab = await browser.open(url)
    await tab.type("name", name)
    await tab.until("document.getElementById('state').textContent.startsWith('connected as ')")
    return tab


async def lines(tab: Tab) -> list[str]:
    """What the page shows of the conversation, times left out."""
    shown: list[str] = await tab.evaluate(
        "[...document.querySelectorAll('#log li')].map((line) => line.className.startsWith('said')"
        " ? line.querySelector('b').textContent + ': ' + line.querySelector('p').textContent : line.textContent)"
    )
    return shown


async def members(tab: Tab) -> list[str]:
    shown: list[str] = await tab.evaluate("[...document.querySelectorAll('#members li')].map((li) => li.textContent)")
    return shown


async def shows(tab: Tab, text: str) -> None:
    await tab.until(f"document.body.innerText.includes({json.dumps(text)})")


async def test_two_tabs_see_what_is_said_and_who_comes_and_goes(served: Served, browser: Browser) -> None:
    url = served.url + "/chat/garden"
    ada = await enter(browser, url, "Ada")
    await ada.type("text", "Is anybody here?")
    await shows(ada, "Is anybody here?")
    bob = await enter(browser, url, "Bob")
    await shows(ada, "Bob joined")
    await bob.type("text", "I am, Ada! 😀")
    await shows(ada, "I am, Ada! 😀")
    await ada.type("text", "Good.")
    await shows(bob, "Good.")
    assert await lines(bob) == ["Ada: Is anybody here?", "Bob: I am, Ada! 😀", "Ada: Good."]
    assert await members(ada) == ["Ada (you)", "Bob"]
    await bob.call("Page.close")
    await shows(ada, "Bob left")
    assert await lines(ada) == ["Ada: Is anybody here?", "Bob joined", "Bob: I am, Ada! 😀", "Ada: Good.", "Bob left"]
    assert await members(ada) == ["Ada (you)"]


async def test_a_tab_leaves_when_it_shows_another_page_and_comes_back_with_it(served: Served, browser: Browser) -> None:
    url = served.url + "/chat/garden"
    ada = await enter(browser, url, "Ada")
    bob = await enter(browser, url, "Bob")
    await ada.until("document.getElementById('members').textContent === 'Ada (you)Bob'")
    await bob.call("Page.navigate", {"url": "about:blank"})
    await shows(ada, "Bob left")
    await bob.evaluate("setTimeout(() => history.back()) && null")  # once this has been answered
    await ada.until("document.getElementById('members').textContent === 'Ada (you)Bob'")


HOSTILE = "<img src=x onerror='owned=1'><script>owned=1</script>"


async def test_what_people_write_is_never_markup(served: Served, browser: Browser) -> None:
    name, room = HOSTILE[:29], "<img src=x onerror=owned=1>"
    url = f"{served.url}/chat/{quote(room)}"
    ada = await enter(browser, url, name)
    bob = await enter(browser, url, "toString")
    await ada.type("text", HOSTILE)
    await shows(bob, HOSTILE)
    assert await lines(bob) == [f"{name}: {HOSTILE}"]
    assert await members(bob) == sorted([name, "toString (you)"])
    for tab in (ada, bob):
        assert await tab.evaluate("document.getElementById('room').textContent") == room
        assert await tab.evaluate("document.querySelectorAll('img, script').length") == 1  # the page's own script
        assert await tab.evaluate("window.owned") is None


async def test_the_policy_of_the_page_lets_no_other_script_run(served: Served, browser: Browser) -> None:
    tab = await browser.open(served.url + "/chat/policy")
    injected = "<img src='data:,' onerror=\"window.ran = 'handler'\">"
    await tab.evaluate(f"document.body.insertAdjacentHTML('beforeend', {json.dumps(injected)})")
    await tab.evaluate(
        "new Promise((resolve) => { addEventListener('securitypolicyviolation', resolve, { once: true });"
        " const script = document.createElement('script'); script.textContent = \"window.ran = 'script'\";"
        " document.body.append(script); }).then(() => null)"
    )
    assert await tab.evaluate("window.ran") is None


async def test_the_page_comes_back_when_the_server_does_and_shows_what_it_missed(browser: Browser) -> None:
    with serving() as running:
        port, url = running.port, running.url + "/chat/garden"
        ada = await enter(browser, url, "Ada")
        await ada.type("text", "before")
        await shows(ada, "before")
        assert running.end() == 0  # it said 1001, and did not have to wait for the page
        await shows(ada, "not connected, next try in")
    with serving("--port", str(port)):
        await ada.until("document.getElementById('state').textContent === 'connected as Ada'")
        await ada.type("text", "after")
        await shows(ada, "after")
        assert await lines(ada) == ["Ada: before", "Ada: after"]


@pytest.mark.parametrize("path", ["/ws/echo", "/ws/chat/garden"])
async def test_a_page_from_elsewhere_is_refused(served: Served, browser: Browser, path: str) -> None:
    with serving("--quiet") as elsewhere:
        tab = await browser.open(elsewhere.url + "/hello")
        assert await tab.evaluate(f"({OPEN})({json.dumps(ws(served.url) + path)})") == 1006
    line = f'"GET {path} HTTP/1.1" 403 '
    assert line in served.stderr()
