"""What touches the world, and so is never loaded by a workflow."""

import socket
from dataclasses import dataclass

from temporalio import activity


@dataclass
class Settings:
    host: str
    limit: int


@activity.defn
async def read_settings() -> Settings:
    return Settings(host=socket.gethostname(), limit=7)
