"""Each run has its own."""

seen: list[str] = []
