"""An annotation is evaluated, too."""


def tick(ctx):
    def shown(value: seen.append(tick.__globals__)):
        pass

    return seen[0]


seen = []
