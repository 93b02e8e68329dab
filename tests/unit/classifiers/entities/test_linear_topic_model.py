"""The linear topic model: its file and its features."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.linear_topic_model import (
    CLASSES,
    LinearTopicModel,
    features,
    packed,
)

BUCKETS = 512


def test_packing_keeps_the_weights() -> None:
    rng = np.random.default_rng(1)
    weights, bias = rng.normal(size=(BUCKETS, CLASSES)), rng.normal(size=CLASSES)
    wording = LinearTopicModel(packed(weights, bias))
    sentence = "Hij moet elke vier uur prikken"
    sums, counts = wording.sums([sentence, ""])
    whole = weights[features(sentence, BUCKETS)].sum(axis=0)
    assert np.allclose(sums[0], whole, atol=0.02 * len(features(sentence, BUCKETS)))
    assert counts.tolist() == [len(features(sentence, BUCKETS)), 0]
    nothing = wording.numbers(sums, counts)[1]
    assert np.allclose(nothing, bias[:-1] - bias[-1], atol=1e-5)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: b"", lambda d: b"XXXX" + d[4:]])
def test_a_file_that_is_no_model_is_refused(change: Callable[[bytes], bytes]) -> None:
    data = packed(np.zeros((BUCKETS, CLASSES)), np.zeros(CLASSES))
    with pytest.raises(ValueError, match="no weights"):
        LinearTopicModel(change(data))


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_text_has_numbers_within_bounds_and_the_same_again(text: str) -> None:
    found = features(text, BUCKETS)
    assert all(0 <= number < BUCKETS for number in found)
    assert features(text, BUCKETS) == found


def test_case_and_digits_do_not_count() -> None:
    assert features("ZIJ bidt 5 keer", BUCKETS) == features("zij bidt keer", BUCKETS)


def test_the_packaged_one_knows_words_by_their_parts() -> None:
    wording = LinearTopicModel((MODEL / "wording.bin").read_bytes())
    sums, counts = wording.sums(["Ze krijgt insulineprikken", "Ze krijgt fietslampjes"])
    told = wording.numbers(sums, counts)
    assert told[0, 0] > told[1, 0]  # health
