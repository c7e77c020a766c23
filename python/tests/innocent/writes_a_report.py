def tick(ctx):
    rows = ["name,value"] + [f"{name},{value}" for name, value in zip("abc", range(3))]
    ctx.files.write("report.csv", "\n".join(rows))
    back = ctx.files.read("report.csv")
    names = [entry["name"] for entry in ctx.files.list()]
    print("wrote", len(back), "characters", sep=" ", end="!\n")
    ctx.files.delete("report.csv")
    return back.count("\n"), names, divmod(7, 2), hex(255), ord("a"), chr(98), [*reversed(range(3))], slice(1, 2), round(2.567, 1), pow(2, 5, 7)
