"""What `02_attention` built against torch's own, interleaved in one run.

    python tests/benchmarks/attention.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from built import attention as at  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(1)
HEADS, D = 4, 64


def forward(T: int) -> dict:
    """Causal attention of four heads of 64 numbers over T tokens, without gradients."""
    Q, K, V = torch.randn(3, 1, HEADS, T, D)
    mask = at.causal_mask(T)
    return {
        "attend": lambda: at.attend(Q, K, V, mask),
        "scaled_dot_product_attention": lambda: F.scaled_dot_product_attention(Q, K, V, is_causal=True),
        "the same, with the mask given": lambda: F.scaled_dot_product_attention(Q, K, V, attn_mask=mask),
    }


def both_ways(T: int) -> dict:
    """The same, forward and backward."""
    sides = [torch.randn(1, HEADS, T, D, requires_grad=True) for _ in range(3)]
    mask, g = at.causal_mask(T), torch.randn(1, HEADS, T, D)
    return {
        "attend": lambda: torch.autograd.grad(at.attend(*sides, mask), sides, g),
        "scaled_dot_product_attention": lambda: torch.autograd.grad(
            F.scaled_dot_product_attention(*sides, is_causal=True), sides, g
        ),
    }


def layers(T: int) -> dict:
    """A layer of width 256 with four heads, without rotary positions, without gradients."""
    x, mask = torch.randn(1, T, HEADS * D), ~at.causal_mask(T)
    ours = at.Attention(HEADS * D, HEADS, rotary=False)
    turned = at.Attention(HEADS * D, HEADS)
    theirs = nn.MultiheadAttention(HEADS * D, HEADS, bias=False, batch_first=True).eval()

    def without(call):
        with torch.no_grad():
            return call()

    return {
        "Attention": lambda: without(lambda: ours(x)),
        "nn.MultiheadAttention": lambda: without(lambda: theirs(x, x, x, attn_mask=mask, need_weights=False)),
        "Attention, rotary": lambda: without(lambda: turned(x)),
    }


if __name__ == "__main__":
    rows = [
        *results.compare("causal attention, 4 heads of 64, 1,024 tokens", forward, (256, 1024)),
        *results.compare("the same, forward and backward", both_ways, (256, 1024)),
        *results.compare("a layer, width 256, 1,024 tokens", layers, (256, 1024)),
    ]
    results.report("02_attention", rows)
