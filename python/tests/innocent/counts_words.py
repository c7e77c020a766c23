from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, namedtuple
from itertools import chain, groupby, islice

Word = namedtuple("Word", ["text", "count"], defaults=[0])


class Lower(UserDict):
    def __setitem__(self, key, value):
        super().__setitem__(key.lower(), value)


def tick(ctx):
    words = "the cat and the dog and the bird".split()
    counter = Counter(words)
    by_length = defaultdict(list)
    for word in words:
        by_length[len(word)].append(word)
    groups = {key: len(list(group)) for key, group in groupby(sorted(words), key=lambda word: word[0])}
    top = [Word(*pair)._replace(count=pair[1] * 10) for pair in counter.most_common(2)]
    lower = Lower(A=1)
    return top, dict(by_length), groups, list(islice(chain("ab", "cd"), 3)), ChainMap({"a": 1}, {"b": 2})["b"], lower["a"], list(OrderedDict(x=1)), top[0]._asdict()
