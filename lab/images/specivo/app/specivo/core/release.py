"""What this image was built as. The source is shared by all releases; behaviour that differs asks here."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Release:
    version: str
    head: str
    features: frozenset[str]
    assets: dict[str, str]

    def has(self, feature: str) -> bool:
        return feature in self.features

    def has_migration(self, revision: str) -> bool:
        """Whether the schema that this release works on has what that revision brings."""
        return revision <= self.head

    def asset(self, name: str) -> str:
        """The name under which `css/app.css` is served: with its content's hash in it since 0.1.10."""
        return self.assets.get(name, name)


@cache
def get_release() -> Release:
    content = json.loads((Path(__file__).parent.parent / "release.json").read_text())
    return Release(content["version"], content["head"], frozenset(content["features"]), content["assets"])
