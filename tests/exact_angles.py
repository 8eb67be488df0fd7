"""Transformers' Llama turned by angles in double precision, as ours is, so that the rest can be compared closely."""

import torch
from built.attention import rotary_angles
from transformers.models.llama import modeling_llama


def turn_exactly(monkeypatch):
    """Until the test ends. By itself transformers computes them in single precision, whatever the model's is."""

    def angles(self, x, position_ids):
        one = rotary_angles(position_ids[0], 2 * len(self.inv_freq), self.config.rope_parameters["rope_theta"])
        both = torch.cat([one, one], dim=-1)[None]
        return both.cos().to(x.dtype), both.sin().to(x.dtype)

    monkeypatch.setattr(modeling_llama.LlamaRotaryEmbedding, "forward", angles)
