"""Home Assistant's own interfaces, as its frontend uses them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import aiohttp

from .place import Place
from .processes import DemoError

USER = "demo"
PASSWORD = "demo"  # noqa: S105  printed for everyone who runs the demo

type Json = dict[str, Any]


class HomeAssistantApi:
    """One signed-in user of a running Home Assistant."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        """Talk to the Home Assistant at `url`, not signed in yet."""
        self.url = url
        self.client_id = f"{url}/"
        self.tokens: Json = {}
        self._session = session
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._last_id = 0

    async def rest(self, method: str, path: str, body: Json | None = None) -> Any:
        """Send one request and return the decoded answer."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"} if self.tokens else {}
        async with self._session.request(method, self.url + path, json=body, headers=headers) as answer:
            if not answer.ok:
                raise DemoError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send one WebSocket command and return its result."""
        if self._socket is None:
            self._socket = await self._session.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
            await self._socket.receive_json()
            await self._socket.send_json({"type": "auth", "access_token": self.tokens["access_token"]})
            if (await self._socket.receive_json())["type"] != "auth_ok":
                raise DemoError("Home Assistant refuses the token that it has just given")
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "type": kind, **fields})
        while True:
            answer = await self._socket.receive_json()
            if answer["id"] == self._last_id and answer["type"] == "result":
                break
        if not answer["success"]:
            raise DemoError(f"{kind}: {answer['error']['message']}")
        return answer["result"]

    async def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            await self._socket.close()

    async def sign_in(self, place: Place) -> None:
        """Finish the onboarding where it is open, sign in, and move the house to `place`."""
        steps = await self._onboarding()
        if steps.get("user", True):
            await self._log_in()
        else:
            user = {"name": "Demo", "username": USER, "password": PASSWORD, "language": "en"}
            answer = await self.rest("POST", "/api/onboarding/users", {**user, "client_id": self.client_id})
            await self._take_tokens(answer["auth_code"])
        for step in ("core_config", "analytics"):
            if not steps.get(step, True):
                await self.rest("POST", f"/api/onboarding/{step}", {})
        if not steps.get("integration", True):
            back = {"client_id": self.client_id, "redirect_uri": f"{self.url}/?auth_callback=1"}
            await self.rest("POST", "/api/onboarding/integration", back)
            await self._leave_out_speech()
        await self.command(
            "config/core/update",
            latitude=place.latitude,
            longitude=place.longitude,
            time_zone=place.time_zone,
            country="DE",
            currency="EUR",
        )

    async def _leave_out_speech(self) -> None:
        """Remove what the onboarding adds although its package is missing: it would be shown as failed."""
        for entry in await self.command("config_entries/get", domain="google_translate"):
            await self.rest("DELETE", f"/api/config/config_entries/entry/{entry['entry_id']}")

    async def _onboarding(self) -> dict[str, bool]:
        """Which steps of the onboarding are done; the page is gone, and so are the steps, after the last."""
        async with self._session.get(f"{self.url}/api/onboarding") as answer:
            if answer.status == HTTPStatus.NOT_FOUND:
                return {}
            return {step["step"]: step["done"] for step in await answer.json()}

    async def _log_in(self) -> None:
        back = {"client_id": self.client_id, "redirect_uri": f"{self.url}/?auth_callback=1"}
        flow = await self.rest("POST", "/auth/login_flow", {**back, "handler": ["homeassistant", None]})
        login = {"client_id": self.client_id, "username": USER, "password": PASSWORD}
        answer = await self.rest("POST", f"/auth/login_flow/{flow['flow_id']}", login)
        await self._take_tokens(answer["result"])

    async def _take_tokens(self, code: str) -> None:
        form = {"grant_type": "authorization_code", "code": code, "client_id": self.client_id}
        async with self._session.post(f"{self.url}/auth/token", data=form) as answer:
            self.tokens = await answer.json()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[HomeAssistantApi]:
    """Talk to the Home Assistant at `url` for a while."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        api = HomeAssistantApi(url, session)
        try:
            yield api
        finally:
            await api.close()
