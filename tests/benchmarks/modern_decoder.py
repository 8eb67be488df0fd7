"""What `04_modern_decoder` built against transformers' Llama and torch's own, interleaved in one run.

    python tests/benchmarks/modern_decoder.py        prints a table; --write puts it into RESULTS.md

Times are medians of interleaved rounds on one thread; the ratio is ours to the named peer. Nothing is asserted.
"""

import results

results.prepare()

import torch  # noqa: E402
from built import modern_decoder as md  # noqa: E402
from built.attention import rotary_angles  # noqa: E402
from torch import nn  # noqa: E402
from transformers.models.llama import modeling_llama  # noqa: E402

torch.set_num_threads(1)
WIDTH, HEADS, KV_HEADS = 256, 8, 2
HIDDEN = md.matched_hidden(WIDTH, multiple=8)


def still(call):
    """The call without gradients."""

    def without():
        with torch.no_grad():
            return call()

    return without


def models(layers: int):
    """Transformers' model and ours with its weights."""
    fields = {"hidden_size": WIDTH, "intermediate_size": HIDDEN, "num_attention_heads": HEADS}
    theirs = md.random_llama(num_hidden_layers=layers, num_key_value_heads=KV_HEADS, **fields)
    return theirs, md.from_transformers(theirs)


def norms(T: int) -> dict:
    """A norm over T arrows, forward."""
    x, ours, plain = torch.randn(1, T, WIDTH), md.RMSNorm(WIDTH), nn.LayerNorm(WIDTH)
    theirs, fused = modeling_llama.LlamaRMSNorm(WIDTH), nn.RMSNorm(WIDTH)
    calls = {"RMSNorm": ours, "LlamaRMSNorm": theirs, "nn.RMSNorm": fused, "nn.LayerNorm": plain}
    return {name: still(lambda norm=norm: norm(x)) for name, norm in calls.items()}


def mlps(T: int) -> dict:
    """A gated MLP over T arrows, forward."""
    theirs, ours = models(1)
    x, mlp, block = torch.randn(1, T, WIDTH), theirs.model.layers[0].mlp, ours.blocks[0].ffn
    bent = md.gelu_mlp(ours.config)
    return {
        "SwiGLU": still(lambda: block(x)),
        "LlamaMLP": still(lambda: mlp(x)),
        "GELU MLP, as many numbers": still(lambda: bent(x)),
    }


def layers(T: int) -> dict:
    """Attention of eight heads over two, T tokens, forward."""
    theirs, ours = models(1)
    x, angles = torch.randn(1, T, WIDTH), rotary_angles(torch.arange(T), WIDTH // HEADS)
    turns = theirs.model.rotary_emb(x, torch.arange(T)[None])
    layer, block = theirs.model.layers[0].self_attn, ours.blocks[0].attention
    return {
        "GroupedAttention": still(lambda: block(x, angles)),
        "LlamaAttention": still(lambda: layer(x, position_embeddings=turns)),
    }


def whole(T: int) -> dict:
    """Four layers, logits of T tokens, forward."""
    theirs, ours = models(4)
    ids = torch.randint(72, (1, T))
    return {"Llama": still(lambda: ours(ids)), "LlamaForCausalLM": still(lambda: theirs(ids, use_cache=False))}


def step(T: int) -> dict:
    """The same, forward and backward."""
    theirs, ours = models(4)
    ids = torch.randint(72, (1, T))

    def both_ways(logits, model):
        model.zero_grad()
        md.next_token_loss(logits, ids).backward()

    return {
        "Llama": lambda: both_ways(ours(ids), ours),
        "LlamaForCausalLM": lambda: both_ways(theirs(ids, use_cache=False).logits, theirs),
    }


if __name__ == "__main__":
    rows = [
        *results.compare("a norm, arrows of 256 numbers", norms, (64, 512)),
        *results.compare("a gated MLP, 256 and its hidden width", mlps, (64, 512)),
        *results.compare("attention, 8 heads over 2, width 256", layers, (64, 512)),
        *results.compare("four layers, logits", whole, (64, 256)),
        *results.compare("four layers, forward and backward", step, (64, 256)),
    ]
    results.report("04_modern_decoder", rows)
