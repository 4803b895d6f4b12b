"""Turns the shared source of all releases under /app into one release: run once, while its image is built."""

import hashlib
import json
import sys
import sysconfig
from pathlib import Path

from faults import apply_fault

APP = Path("/app")
HERE = Path(__file__).parent

# Files that a release without the feature doesn't have.
FILES = {
    "reindex-fts": "specivo/cli/reindex_fts.py",
    "recurring-tasks": "specivo/tasks/recurring.py",
}


def ordinal(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def drop_later_migrations(head: str) -> None:
    versions = APP / "alembic" / "versions"
    if not list(versions.glob(f"{head}_*.py")):
        sys.exit(f"no migration {head} in {versions}: write it, or name another head in releases.json")
    for migration in versions.glob("[0-9]*.py"):
        if migration.name.split("_")[0] > head:
            migration.unlink()


def drop_later_files(features: set[str]) -> None:
    for feature, file in FILES.items():
        if feature not in features:
            (APP / file).unlink()


def stamp_assets(version: str) -> list[Path]:
    """Gives styles and scripts a content of this version's own, as every build of the original has."""
    static = APP / "specivo" / "static"
    assets = sorted([*static.glob("css/*.css"), *static.glob("js/*.js")])
    for asset in assets:
        asset.write_text(f"/* Specivo {version} */\n{asset.read_text()}")
    return assets


def hash_asset_names(assets: list[Path]) -> dict[str, str]:
    """Renames `app.css` to `app.<hash>.css` and so on, and tells which name became which."""
    static = APP / "specivo" / "static"
    names: dict[str, str] = {}
    for asset in assets:
        digest = hashlib.sha256(asset.read_bytes()).hexdigest()[:8]
        hashed = asset.rename(asset.with_name(f"{asset.stem}.{digest}{asset.suffix}"))
        names[str(asset.relative_to(static))] = str(hashed.relative_to(static))
    return names


def install_metadata(version: str) -> None:
    """What `importlib.metadata.version("specivo")` reads."""
    folder = Path(sysconfig.get_path("purelib", "deb_system")) / f"specivo-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: specivo\nVersion: {version}\n")


def main() -> None:
    tag = sys.argv[1]
    known = json.loads((HERE / "releases.json").read_text())
    faulty = known["faulty"].get(tag, {})
    version = faulty.get("release", tag)
    if version not in known["releases"]:
        sys.exit(f"unknown release {tag!r}: releases.json knows {', '.join([*known['releases'], *known['faulty']])}")
    head = known["releases"][version]["head"]
    features = {name for name, since in known["features"].items() if ordinal(since) <= ordinal(version)}
    drop_later_migrations(head)
    drop_later_files(features)
    assets = stamp_assets(version)
    names = hash_asset_names(assets) if "hashed-assets" in features else {}
    install_metadata(version)
    (APP / "specivo" / "release.json").write_text(
        json.dumps({"version": version, "head": head, "features": sorted(features), "assets": names})
    )
    if "fault" in faulty:
        apply_fault(APP, faulty["fault"])


main()
