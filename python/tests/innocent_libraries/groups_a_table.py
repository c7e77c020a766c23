import pandas as pd


def tick(ctx):
    table = pd.DataFrame({"kind": ["a", "b", "a"], "n": [1, 2, 3]})
    table["double"] = table["n"].apply(lambda n: n * 2)
    summed = table.groupby("kind").agg({"n": "sum", "double": ["min", "max"]})
    rows = table.to_csv(index=False).splitlines()
    return [summed["n"]["sum"].to_dict(), rows[1], table.to_json(orient="records")]


EXPECTED = [{"a": 4, "b": 2}, "a,1,2", '[{"kind":"a","n":1,"double":2},{"kind":"b","n":2,"double":4},{"kind":"a","n":3,"double":6}]']
