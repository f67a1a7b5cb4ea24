"""What a hunt brings home: findings by class, each with the smallest input that shows it, as files and as text."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sighting:
    """One input that shows something.

    Attributes:
        kind: ``"contract"`` or the kind of a disagreement (see ``readings``).
        who: the parser, or both parsers.
        what: the promise that was broken, or who is lenient and what the other says.
        detail: a sentence.
    """

    kind: str
    who: tuple[str, ...]
    what: str
    detail: str

    @property
    def key(self) -> str:
        """The class that it belongs to: the same for whatever differs only in numbers and quoted bytes."""
        what = re.sub(r"bytearray\(.*\)|b?'[^']*'|b?\"[^\"]*\"|\b\d+(?!\.\d)\b", "…", self.what)
        return f"{self.kind}: {', '.join(self.who)}: {what}"


@dataclass(slots=True)
class Finding:
    """A class of sightings.

    Attributes:
        key: its name.
        sighting: the first of them.
        data: the input that shows it, shrunk at the end.
        mutations: what had been done to the inputs that showed it, and how often.
    """

    key: str
    sighting: Sighting
    data: bytes
    mutations: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Number of inputs that showed it."""
        return self.mutations.total()

    def as_json(self) -> dict[str, Any]:
        """Everything of it, for machines."""
        return {
            "class": self.key,
            "kind": self.sighting.kind,
            "who": list(self.sighting.who),
            "what": self.sighting.what,
            "detail": self.sighting.detail,
            "mutations": dict(self.mutations.most_common()),
            "count": self.count,
            "bytes": self.data.hex(),
            "text": self.data.decode("latin-1"),
        }

    def save(self, directory: Path, target: str) -> Path:
        """Write the input, and beside it what it shows; the name depends on the class only.

        Returns:
            The file with the input.
        """
        directory.mkdir(parents=True, exist_ok=True)
        slug = re.sub(r"[^a-z0-9]+", "-", self.key.lower()).strip("-")[:60].strip("-")
        name = f"{target}-{slug}-{hashlib.sha256(self.key.encode()).hexdigest()[:8]}"
        path = directory / f"{name}.bin"
        path.write_bytes(self.data)
        (directory / f"{name}.json").write_text(json.dumps({"target": target, **self.as_json()}, indent=2) + "\n")
        return path


@dataclass(slots=True)
class Report:
    """The outcome of a hunt.

    Attributes:
        target: what was fuzzed.
        seed: with which the same inputs come again.
        inputs: number of them.
        seconds: how long it took.
        findings: by class, in order of appearance.
        known: number of inputs that showed a known difference, by its reason and section.
        interrupted: whether somebody stopped it.
    """

    target: str
    seed: int
    inputs: int = 0
    seconds: float = 0.0
    findings: dict[str, Finding] = field(default_factory=dict)
    known: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False

    def as_json(self) -> dict[str, Any]:
        """Everything of it, for machines."""
        return {
            "target": self.target,
            "seed": self.seed,
            "inputs": self.inputs,
            "seconds": round(self.seconds, 3),
            "interrupted": self.interrupted,
            "findings": [finding.as_json() for finding in self.findings.values()],
            "known": dict(self.known.most_common()),
        }
