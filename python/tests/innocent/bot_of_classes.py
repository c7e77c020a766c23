import json


class Position:
    __slots__ = ("symbol", "size", "_entry")
    __match_args__ = ("symbol", "size")

    def __init__(self, symbol, size, entry):
        self.symbol = symbol
        self.size = size
        self._entry = entry

    def __eq__(self, other):
        return isinstance(other, Position) and self.symbol == other.symbol

    def __hash__(self):
        return hash(self.symbol)

    def __repr__(self):
        return f"{self.__class__.__name__}({self.symbol!r}, {self.size})"

    def profit(self, price):
        return (price - self._entry) * self.size


class Short(Position):
    def __init__(self, symbol, size, entry):
        super().__init__(symbol, -size, entry)


class Book:
    def __init__(self):
        self.__positions = {}

    def __len__(self):
        return len(self.__positions)

    def __getitem__(self, symbol):
        return self.__positions[symbol]

    def __setitem__(self, symbol, position):
        self.__positions[symbol] = position

    def __iter__(self):
        return iter(self.__positions.values())

    def __contains__(self, symbol):
        return symbol in self.__positions


def tick(ctx):
    book = Book()
    book["BTC"] = Position("BTC", 2, 100.0)
    book["ETH"] = Short("ETH", 3, 50.0)
    names = [type(position).__name__ for position in book]
    match book["ETH"]:
        case Position(symbol, size) if size < 0:
            kind = "short " + symbol
        case _:
            kind = "long"
    return json.dumps({"names": names, "kind": kind, "n": len(book), "sum": sum(p.profit(60) for p in book), "has": "BTC" in book, "repr": repr(book["ETH"])}, sort_keys=True)
