"""Asking the server that runs over this home, if one does."""

import json
from typing import Any

import httpx2

from app.settings import Settings

SERVER_SECONDS = 120.0


async def ask_server(
    settings: Settings, document: str, variables: dict[str, object], token: str | None = None
) -> dict[str, Any] | None:
    """The running server's whole answer, its `data` and `errors`; None when no server of this home runs."""
    mark = settings.home / "server.json"
    if not mark.exists():
        return None
    url = json.loads(mark.read_text(encoding="utf-8"))["url"]
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        async with httpx2.AsyncClient(timeout=SERVER_SECONDS, trust_env=False, headers=headers) as http:
            response = await http.post(f"{url}/graphql", json={"query": document, "variables": variables})
        answer: dict[str, Any] = response.json()
    except (httpx2.HTTPError, ValueError):
        return None
    return answer
