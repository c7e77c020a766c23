"""`temporalio.envconfig`: where to connect to is not a question here, so there is nothing to configure."""

from __future__ import annotations

from typing import Any


class ClientConfig:
    @staticmethod
    def load_client_connect_config(**_: Any) -> dict[str, Any]:
        return {}
