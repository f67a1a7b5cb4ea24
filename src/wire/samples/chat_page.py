"""The page to chat with from a browser: one file, and a policy that lets it load nothing and run no other script."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from wire.net.messages import Request, Response
from wire.samples.chat import asked_room

PAGE = Path(__file__).with_name("chat.html").read_text(encoding="utf-8")


def _source(element: str) -> str:
    """How the policy names the inline script or style of the page: by its hash, so that no other runs (CSP 3 §2.3)."""
    match = re.search(rf"<{element}>(.*?)</{element}>", PAGE, re.DOTALL)
    assert match is not None
    return f"'sha256-{base64.b64encode(hashlib.sha256(match[1].encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; script-src {_source('script')}; style-src {_source('style')}; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def chat_page(request: Request) -> Response:
    """Give the page. It is the same for all rooms: the script takes the room from its own address."""
    asked_room(request)
    return Response.html(PAGE, fields=[("content-security-policy", POLICY)])
