class Settings(dict):
    """Keys as attributes."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise RuntimeError(name)

    def __setattr__(self, name, value):
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value


def tick(ctx):
    settings = Settings(limit=3)
    settings.limit += 1
    settings.name = "bot"
    try:
        settings.missing
    except RuntimeError as error:
        missing = str(error)
    return settings.limit, settings["name"], missing, sorted(settings.items(), key=lambda pair: pair[0])
