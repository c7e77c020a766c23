import math


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    __radd__ = __add__

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __abs__(self):
        return math.hypot(self.x, self.y)

    def __bool__(self):
        return bool(self.x or self.y)

    def __str__(self):
        return f"({self.x}, {self.y})"

    __repr__ = __str__

    def __format__(self, spec):
        return f"<{self.x:{spec}}|{self.y:{spec}}>"


def tick(ctx):
    v = Vector(3, 4)
    v += Vector(1, 1)
    return abs(Vector(3, 4)), str(2 * v), f"{v:.1f}", "{:.2f}".format(v), bool(Vector(0, 0)), math.isclose(math.sin(math.pi), 0, abs_tol=1e-9)
