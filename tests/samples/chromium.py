"""A headless Chromium, driven over its DevTools protocol, which is spoken over our own WebSocket client."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.serving import PATIENCE
from wire.net.websocket import WebSocket, connect
from wire.websocket import Limits

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian package chromium)")

_OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows", "--ignore-certificate-errors", "--remote-debugging-port=0",
]  # fmt: skip

_UNTIL = """new Promise((resolve) => {
  const look = () => { if (%s) resolve(true); else setTimeout(look, 20); };
  look();
})"""


class Browser:
    """A running browser; one task at a time may use it."""

    def __init__(self, devtools: WebSocket) -> None:
        self._devtools = devtools
        self._numbers = itertools.count(1)

    async def open(self, url: str) -> Tab:
        """A new tab, once its page has loaded."""
        target = await self.call("Target.createTarget", {"url": "about:blank"})
        attached = await self.call("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        tab = Tab(self, attached["sessionId"])
        went = await tab.call("Page.navigate", {"url": url})
        assert "errorText" not in went, went
        await tab.until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")
        return tab

    async def call(self, method: str, params: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        """Have the browser do something; its answer. What it tells unasked is skipped."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        await self._devtools.send(json.dumps(command if session is None else {**command, "sessionId": session}))
        with trio.fail_after(PATIENCE):
            while True:
                answer: dict[str, Any] = json.loads(await self._devtools.receive())
                if answer.get("id") == number:
                    assert "error" not in answer, answer["error"]
                    result: dict[str, Any] = answer["result"]
                    return result


class Tab:
    """One tab with a page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    async def call(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Have this tab do something."""
        return await self._browser.call(method, params or {}, self._session)

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript, or of what it promises."""
        params = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        evaluated = await self.call("Runtime.evaluate", params)
        assert "exceptionDetails" not in evaluated, evaluated["exceptionDetails"]
        return evaluated["result"].get("value")

    async def until(self, condition: str) -> None:
        """Wait until an expression of JavaScript is true."""
        try:
            await self.evaluate(_UNTIL % condition)
        except trio.TooSlowError:
            shown = await self.evaluate("document.body.innerText")
            pytest.fail(f"{condition} never became true; the page shows {shown!r}")

    async def type(self, element: str, text: str) -> None:
        """Type a line into the element of this id, as from the keyboard, and Enter."""
        await self.evaluate(f"document.getElementById({json.dumps(element)}).focus()")
        await self.call("Input.insertText", {"text": text})
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        await self.call("Input.dispatchKeyEvent", {"type": "keyDown", "text": "\r", **enter})
        await self.call("Input.dispatchKeyEvent", {"type": "keyUp", **enter})

    async def screenshot(self) -> bytes:
        """A picture of what is seen, as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])


@contextlib.asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Browser]:
    """A browser with a new profile in this folder, while the block runs. It trusts every certificate."""
    process = await trio.lowlevel.open_process(
        [str(CHROMIUM), *_OPTIONS, f"--user-data-dir={profile}"], stderr=subprocess.PIPE
    )
    try:
        async with trio.open_nursery() as nursery:
            url = await nursery.start(_read_errors, process)
            async with connect(url, limits=Limits(frame=32 << 20, message=32 << 20), deflate=None) as devtools:
                browser = Browser(devtools)
                yield browser
                await browser.call("Browser.close", {})
            nursery.cancel_scope.cancel()
    finally:
        with trio.CancelScope(shield=True):
            with trio.move_on_after(PATIENCE):
                await process.wait()
            process.kill()
            await process.wait()


async def _read_errors(process: trio.Process, *, task_status: trio.TaskStatus[str]) -> None:
    """Keep the browser's standard error from filling up; the address of its DevTools stands there first."""
    assert process.stderr is not None
    said, found = b"", None
    async for data in process.stderr:
        said += data
        if found is None and (found := re.search(rb"DevTools listening on (ws://127\.0\.0\.1:\S+)\n", said)):
            task_status.started(found[1].decode())
