"""Fills a fresh instance through its own API, the same content each time. Runs inside the api container on stdin of
python: needs ADMIN_PASSWORD, MODEL_MEGABYTES and how many ISSUES (with as many comments), PAGES of wiki and FILES to
write. Prints an API key, nothing else, on stdout."""

import json
import os
import random
import urllib.request
from pathlib import Path
from typing import Any

from specivo.core.release import get_release

URL = "http://localhost:8000/api/v1"
DATA = Path("/app/data")
RANDOM = random.Random(20260419)

WORDS = (
    "release backup attachment schema worker login search wiki restore ticket invoice printer cable network router"
    " report customer deadline review template password_reset build_number Übergabe größer 計画 поиск naïve"
).split()

PROJECTS = [
    ("OPS", "Operations", "Servers, networks, on-call"),
    ("WEB", "Website", None),
    ("UNICODE", "Größenänderung 計画 Проект 🚀", "Naïve façade — “quotes”, tab\tand\nnewline"),
]

# Names that a backup, an archive or a shell loop may trip over.
FILENAMES = [
    "report.pdf", "archive.tar.gz", "UPPER.PNG", "no-extension", ".hidden", "späte Änderung.docx", "日本語.txt",
    "two  spaces.x y", "quote'd.log", "semi;colon.csv", "trailing-dot.", "percent%20name.bin", "-leading-dash.txt",
    "$(echo).sh", "star*.conf", "a" * 200 + ".dat",
]  # fmt: skip

ISSUES, PAGES, FILES = (int(os.environ[name]) for name in ("ISSUES", "PAGES", "FILES"))

SIZES = [0, 1, 511, 4096, 65537, 300_000, 1_048_576, 3_000_001]


def call(method: str, path: str, token: str | None, body: bytes | None, content_type: str) -> Any:
    request = urllib.request.Request(URL + path, data=body, method=method, headers={"Content-Type": content_type})
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def send(method: str, path: str, token: str | None, body: dict[str, Any]) -> Any:
    return call(method, path, token, json.dumps(body).encode(), "application/json")


def sentence(words: int) -> str:
    return " ".join(RANDOM.choices(WORDS, k=words))


def upload(token: str, filename: str, content: bytes, container: tuple[str, int]) -> None:
    boundary = "----specivo-seed"
    fields = {"container_type": container[0], "container_id": str(container[1]), "description": sentence(4)}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
    parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    call("POST", "/attachments/", token, b"".join(parts), f"multipart/form-data; boundary={boundary}")


def sign_in() -> str:
    login = {"login": "admin", "password": os.environ["ADMIN_PASSWORD"]}
    session = send("POST", "/auth/login/", None, login)["access_token"]
    return send("POST", "/api-keys/", session, {"name": "smoke test"})["key"]


def write_tracker(token: str) -> None:
    for key, name, description in PROJECTS:
        send("POST", "/projects/", token, {"key": key, "name": name, "description": description})
    issues = []
    for _ in range(ISSUES):
        issue = {"project": RANDOM.choice(PROJECTS)[0], "subject": sentence(6), "description": sentence(60)}
        issues.append(send("POST", "/issues/", token, issue)["id"])
    for _ in range(ISSUES):
        send("POST", f"/issues/{RANDOM.choice(issues)}/comments/", token, {"notes": sentence(20)})
    for number in range(PAGES):
        path = f"/projects/{PROJECTS[number % 3][0]}/wiki/page-{number}/"
        for version in range(1 + number % 3):
            send("PUT", path, token, {"title": f"Page {number}", "content": f"Version {version}\n\n{sentence(150)}"})
    for number in range(FILES):
        content = RANDOM.randbytes(SIZES[number % len(SIZES)])
        upload(token, FILENAMES[(number * 3) % len(FILENAMES)], content, ("issue", RANDOM.choice(issues)))


def write_files() -> None:
    """What an administrator or the application puts into the data directory beside attachments."""
    files = {
        "avatars/1.png": RANDOM.randbytes(20_000),
        "themes/corporate/theme.css": b":root { --brand: #0a5; }\n",
        "errors/404.html": b"<!doctype html><title>Not here</title>\n",
    }
    if get_release().has("model-in-data"):
        files["models/tokenizer.json"] = b'{"version": "1.0"}\n'
    for name, content in files.items():
        (DATA / name).parent.mkdir(parents=True, exist_ok=True)
        (DATA / name).write_bytes(content)
    if get_release().has("model-in-data"):
        with (DATA / "models" / "multilingual-e5-small.onnx").open("wb") as model:
            for _ in range(int(os.environ["MODEL_MEGABYTES"])):
                model.write(RANDOM.randbytes(1024 * 1024))


api_key = sign_in()
write_tracker(api_key)
write_files()
print(api_key)
