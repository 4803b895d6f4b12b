"""The few pages a browser or a probe sees."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from specivo.api.auth import sign_in
from specivo.core.auth import Database, user_of_access_token
from specivo.core.cache import limit_logins
from specivo.core.config import get_settings
from specivo.core.database import fetch_all, fetch_one
from specivo.core.release import get_release
from specivo.core.security import new_access_token

router = APIRouter(include_in_schema=False)

SESSION_COOKIE = "specivo_session"


def page(title: str, body: str) -> str:
    css = get_release().asset("css/app.css")
    js = get_release().asset("js/app.js")
    prefix = get_settings().stealth_prefix
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<link rel="stylesheet" href="{prefix}/static/{css}"><script defer src="{prefix}/static/{js}"></script></head>'
        f"<body>{body}</body></html>"
    )


def login_form(problem: str = "") -> str:
    return page(
        "Sign in",
        f'<h1>Sign in</h1><p role="alert">{escape(problem)}</p>'
        f'<form method="post" action="{get_settings().stealth_prefix}/login/">'
        '<input name="login" autocomplete="username"><input name="password" type="password">'
        "<button>Sign in</button></form>",
    )


@router.get("/login/")
async def show_login() -> HTMLResponse:
    return HTMLResponse(login_form())


@router.post("/login/", dependencies=[Depends(limit_logins)])
async def submit_login(
    request: Request, db: Database, login: Annotated[str, Form()], password: Annotated[str, Form()]
) -> Response:
    user_id = await sign_in(request, db, login, password)
    if user_id is None:
        return HTMLResponse(login_form("Invalid login or password."), status_code=401)
    response = RedirectResponse(f"{get_settings().stealth_prefix}/", status_code=302)
    response.set_cookie(SESSION_COOKIE, new_access_token(user_id), httponly=True, samesite="lax")
    return response


@router.get("/")
async def dashboard(request: Request, db: Database) -> Response:
    user = await user_of_access_token(request, db, request.cookies.get(SESSION_COOKIE, ""))
    if user is None:
        return RedirectResponse(f"{get_settings().stealth_prefix}/login/", status_code=302)
    issues = await fetch_all(
        db,
        "SELECT p.key || '-' || i.number AS ref, i.subject FROM issues i JOIN projects p ON p.id = i.project_id"
        " ORDER BY i.updated_at DESC, i.id DESC LIMIT 20",
    )
    rows = "".join(f"<li>{escape(issue['ref'])} {escape(issue['subject'])}</li>" for issue in issues)
    return HTMLResponse(page("Dashboard", f"<h1>{escape(user['login'])}</h1><ul>{rows}</ul>"))


@router.get("/robots.txt")
async def robots() -> PlainTextResponse:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


@router.get("/manifest.json")
async def manifest(db: Database) -> JSONResponse:
    brand = await fetch_one(db, "SELECT value FROM settings WHERE key = 'brand_name'")
    return JSONResponse({"name": brand["value"] if brand else "Specivo", "start_url": "/", "display": "standalone"})
