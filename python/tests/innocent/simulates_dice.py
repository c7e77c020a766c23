import random
import statistics


def tick(ctx):
    dice = random.Random(7)
    throws = [dice.randint(1, 6) + dice.randint(1, 6) for _ in range(200)]
    random.seed(1)
    return statistics.mode(throws), round(statistics.pstdev(throws), 4), dice.choice("abc"), random.random(), dice.sample(range(10), 3)
