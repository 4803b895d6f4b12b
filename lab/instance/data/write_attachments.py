"""Writes attachment files, MEGABYTES in all, the same names and content each time, and prints SQL that puts their names,
sizes and hashes into the temporary table `stored`. Runs inside the api container on stdin of python."""

import hashlib
import os
import random
import uuid
from pathlib import Path

from specivo.core.config import get_settings

MEGABYTE = 1024 * 1024
RANDOM = random.Random(20260614)
EXTENSIONS = [".pdf", ".png", ".jpg", ".zip", ".docx", ".log", ""]


def sizes(total: int) -> list[int]:
    """Most files are small and most bytes in large ones, as in real instances; none is above the 50 MB of uploads."""
    result: list[int] = []
    while total > 0:
        size = min(total, int(RANDOM.lognormvariate(12.5, 1.6)), 50 * MEGABYTE)
        result.append(size)
        total -= size
    return result


def main() -> None:
    folder = Path(get_settings().attachment_upload_dir)
    folder.mkdir(parents=True, exist_ok=True)
    print("CREATE TEMP TABLE stored (number serial, disk_filename text, filesize bigint, content_hash text);")
    print("COPY stored (disk_filename, filesize, content_hash) FROM stdin;")
    for number, size in enumerate(sizes(int(os.environ["MEGABYTES"]) * MEGABYTE)):
        name = str(uuid.UUID(bytes=RANDOM.randbytes(16), version=4)) + EXTENSIONS[number % len(EXTENSIONS)]
        content = RANDOM.randbytes(size)
        (folder / name).write_bytes(content)
        print(name, size, hashlib.sha256(content).hexdigest(), sep="\t")
    print("\\.")


main()
