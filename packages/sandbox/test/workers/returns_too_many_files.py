def run(inputs, options):
    return {f"{number}.txt": "" for number in range(1000)}
