"""What `02_matrices` built against numpy, interleaved in one run.

    python tests/benchmarks/matrices.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import numpy as np  # noqa: E402
from built import matrices as m  # noqa: E402


def products(n: int) -> dict:
    """n × n times n × n, 64 bits."""
    A, B = np.random.default_rng(0).normal(size=(2, n, n))
    return {
        "matmul_tiles, 192": lambda: m.matmul_tiles(A, B, 192),
        "numpy @": lambda: A @ B,
        "matmul_tiles, 64": lambda: m.matmul_tiles(A, B, 64),
        "by_outer": lambda: m.by_outer(A, B),
        "by_rows": lambda: m.by_rows(A, B),
    }


def small(n: int) -> dict:
    """n × n times n × n, number by number."""
    A, B = np.random.default_rng(0).normal(size=(2, n, n))
    return {
        "matmul_loops": lambda: m.matmul_loops(A, B),
        "numpy @": lambda: A @ B,
        "by_sql": lambda: m.by_sql(A, B),
        "einsum_loops": lambda: m.einsum_loops("ik,kj->ij", A, B),
    }


def heads(words: int) -> dict:
    """Scores of a batch of 4 texts and 8 heads of 64 numbers."""
    Q, K = np.random.default_rng(0).normal(size=(2, 4, words, 8, 64))
    return {
        "head_scores": lambda: m.head_scores(Q, K),
        "numpy matmul": lambda: Q.transpose(0, 2, 1, 3) @ K.transpose(0, 2, 3, 1),
    }


if __name__ == "__main__":
    rows = [
        *results.compare("a product, 1,024 × 1,024", products, (512, 1024), rounds=5),
        *results.compare("a product, 32 × 32", small, (16, 32), rounds=5),
        *results.compare("scores of 128 words", heads, (64, 128)),
    ]
    results.report("02_matrices", rows)
