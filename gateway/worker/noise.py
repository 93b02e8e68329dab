"""Random numbers that follow from a seed, a position and a token, on any device.

Each is computed by itself, so neither the other rows of a batch nor the device changes it, and no
state has to be kept. The hash is the finaliser of splitmix64 (Steele, Lea and Flood, 2014).
"""

import torch

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MANTISSA = 53  # bits of a double


def key_of(seed: int, position: int) -> int:
    """The key of one draw, as a signed number of 64 bits."""
    return _signed(_mixed(_mixed(seed & _MASK) + position * _GOLDEN))


def gumbel(keys: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Gumbel noise for each key (a row) and token id (a column), as float32.

    ``tokens`` has one row of ids for each key, or one for all.
    """
    bits = keys.unsqueeze(-1) + (tokens + 1) * _signed(_GOLDEN)
    bits = (bits ^ _shifted(bits, 30)) * _signed(_FIRST)
    bits = (bits ^ _shifted(bits, 27)) * _signed(_SECOND)
    bits = _shifted(bits ^ _shifted(bits, 31), 64 - _MANTISSA)
    # Small numbers keep their precision here, and those decide which token comes first.
    uniform = (bits.to(torch.float32) + 0.5) * 2.0**-_MANTISSA
    return -torch.log(-torch.log1p(-uniform))


def _shifted(bits: torch.Tensor, count: int) -> torch.Tensor:
    """A shift to the right that fills with zeros."""
    return (bits >> count) & ((1 << (64 - count)) - 1)


def _mixed(value: int) -> int:
    value = (value + _GOLDEN) & _MASK
    value = ((value ^ (value >> 30)) * _FIRST) & _MASK
    value = ((value ^ (value >> 27)) * _SECOND) & _MASK
    return value ^ (value >> 31)


def _signed(value: int) -> int:
    value &= _MASK
    return value - (1 << 64) if value >> 63 else value
