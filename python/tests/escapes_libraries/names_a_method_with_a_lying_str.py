import pandas as pd


class Liar(str):
    def startswith(self, prefix, *rest):
        return False

    def __eq__(self, other):
        return False

    __hash__ = str.__hash__


def tick(ctx):
    return repr(pd.Series([1]).agg(Liar("__reduce__"))) + "<class 'object'>"
