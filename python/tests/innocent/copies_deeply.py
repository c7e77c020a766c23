import copy


class Node:
    def __init__(self, value, children=()):
        self.value = value
        self.children = list(children)

    def __deepcopy__(self, memo):
        return Node(self.value, copy.deepcopy(self.children, memo))


class Plain:
    def __init__(self):
        self.items = [1, [2]]


def tick(ctx):
    tree = Node(1, [Node(2)])
    other = copy.deepcopy(tree)
    other.children[0].value = 5
    plain = copy.deepcopy(Plain())
    shallow = copy.copy(plain)
    shallow.items[1].append(3)
    return tree.children[0].value, other.children[0].value, plain.items
