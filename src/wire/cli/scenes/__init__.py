"""What ``wire tour`` plays: a scene for each protocol, loaded when it is asked for."""

from __future__ import annotations

import importlib

from wire.cli.scenes.stage import Scene

SCENES = {"http1": "wire.cli.scenes.http1", "websocket": "wire.cli.scenes.websocket"}
"""Each scene's name and the module that holds it as ``SCENE``, in the order in which they are played."""


def load(name: str) -> Scene:
    """Import a scene."""
    scene = importlib.import_module(SCENES[name]).SCENE
    assert isinstance(scene, Scene)
    return scene
