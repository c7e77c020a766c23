import numpy as np


def tick(ctx):
    solution = np.linalg.solve(np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([9.0, 8.0]))
    return [round(float(x), 6) for x in solution] + [isinstance(solution, np.ndarray), str(solution.dtype)]


EXPECTED = [2.0, 3.0, True, "float64"]
