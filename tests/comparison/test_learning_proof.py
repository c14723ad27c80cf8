"""What is learned from noisy recordings hides no change of an answer, and is refused where it would."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from cassettes.answers.answer_reading import answer_of
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.learning import learn
from comparison.learning_proof import hidden_changes, seeds
from comparison.rules.comparison_rules import STRICT
from comparison.rules.noise import Field, Noise
from tests.cassettes.answers.conversations_of_protocols import PROTOCOLS, TEXT
from tests.comparison.exchange.test_answer_diff import ABSENT, CHANGES, IN_PIECES, answered
from tests.comparison.mutants import compared

WORDINGS = [
    TEXT,
    TEXT.replace("grew", "rose"),
    TEXT.replace("Costs", "The costs"),
    TEXT.replace("the largest", "our largest"),
]


def noisy(name, number):
    """The same answer in other words, with other counts."""
    return answered(name, number, text=WORDINGS[number % len(WORDINGS)], output_tokens=22 + number)


def learned(name):
    recordings = [RecordedSessions.of(noisy(name, number)) for number in range(4)]
    return recordings, learn(recordings, STRICT)


@pytest.mark.parametrize("name", IN_PIECES)
def test_learned_from_noisy_recordings_each_change_is_found(name):
    recordings, found = learned(name)
    rules = replace(STRICT, noise=found.noise)
    assert found.unexplained == ()
    assert list(hidden_changes(recordings, rules)) == []
    for number in range(4):
        assert compared(noisy(name, 0), noisy(name, number), rules).verdict == "same"
    for change, values in CHANGES.items():
        if (
            name not in ABSENT.get(change, ()) and change != "the counts"
        ):  # they vary in what was learned from
            assert compared(noisy(name, 1), answered(name, 9, **values), rules).verdict == "different"


def test_an_opposite_answer_is_never_learned():
    one, other = answered("ollama", 0), answered("ollama", 1, text=TEXT.replace("grew", "fell"))
    found = learn([RecordedSessions.of(one), RecordedSessions.of(other)], STRICT)
    assert [(one.aspect, one.pointer) for one in found.unexplained] == [("answer", "/answer/text")]
    assert not any(field.pointer.startswith("/answer") for field in found.noise.fields)


@pytest.mark.parametrize(
    ("name", "field", "hidden"),
    [
        ("deep-research", Field(pointer="/response", event="result", varies="value"), "another number"),
        ("mcp", Field(pointer="/result/content/0/text", event="message", varies="any"), "another number"),
        ("openai-chat", Field(pointer="/answer/tool_calls", varies="any"), "other arguments of a tool"),
        ("ollama", Field(pointer="/answer/finish_reason", varies="value"), "another reason to finish"),
    ],
)
def test_noise_that_would_hide_a_change_is_told(name, field, hidden):
    rules = replace(STRICT, noise=Noise(fields=(field,)))
    told = list(hidden_changes([RecordedSessions.of(answered(name))], rules))
    assert f"{hidden} in the answer to POST {PROTOCOLS[name].path} (exchange 0)" in told


@pytest.mark.parametrize("name", PROTOCOLS)
def test_changes_are_seeded_in_every_protocol(name):
    exchange = answered(name).exchange(0)
    assert {seed.what for seed in seeds(exchange, answer_of(exchange))} >= {"a failure"} | (
        set() if name == "bedrock-anthropic" else {"another number", "a negation", "another text"}
    )


def test_sentences_that_come_and_go_are_learned_as_such():
    longer = TEXT + " Nothing else is known."
    found = learn(
        [RecordedSessions.of(answered("ollama", n, text=text)) for n, text in enumerate((TEXT, longer))],
        STRICT,
    )
    assert {(field.pointer, field.varies) for field in found.noise.fields} >= {("/answer/text", "sentences")}
    rules = replace(STRICT, noise=found.noise)
    assert compared(answered("ollama"), answered("ollama", 1, text=longer), rules).verdict == "same"
    changed = longer.replace("12 %", "21 %")
    assert compared(answered("ollama"), answered("ollama", 1, text=changed), rules).verdict == "different"
