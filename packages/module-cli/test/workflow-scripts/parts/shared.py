"""Large and never changed: the same for all runs."""

TABLE = {number: number * number for number in range(1000)}
