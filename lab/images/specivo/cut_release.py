"""Turns the shared source of all releases under /app into one release: run once, while its image is built."""

import hashlib
import json
import sys
import sysconfig
from pathlib import Path

APP = Path("/app")
HERE = Path(__file__).parent


def drop_later_migrations(head: str) -> None:
    versions = APP / "alembic" / "versions"
    if not list(versions.glob(f"{head}_*.py")):
        sys.exit(f"no migration {head} in {versions}: write it, or name another head in releases.json")
    for migration in versions.glob("[0-9]*.py"):
        if migration.name.split("_")[0] > head:
            migration.unlink()


def hash_asset_names() -> dict[str, str]:
    """Renames `app.css` to `app.<hash>.css` and so on, and tells which name became which."""
    static = APP / "specivo" / "static"
    names: dict[str, str] = {}
    for asset in sorted([*static.glob("css/*.css"), *static.glob("js/*.js")]):
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
    version = sys.argv[1]
    releases = json.loads((HERE / "releases.json").read_text())
    if version not in releases:
        sys.exit(f"unknown release {version!r}: releases.json knows {', '.join(releases)}")
    release = releases[version]
    drop_later_migrations(release["head"])
    assets = hash_asset_names() if "hashed-assets" in release["features"] else {}
    install_metadata(version)
    (APP / "specivo" / "release.json").write_text(
        json.dumps({"version": version, "features": release["features"], "assets": assets})
    )


main()
