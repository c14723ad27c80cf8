from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import UsageError
from replayer.faults.language.declared_parameters import parameters
from replayer.faults.language.registry import FAULTS, family
from replayer.faults.language.spec import from_table, parse, write


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "there is no fault '';"),
        ("delya", "there is no fault 'delya', did you mean 'delay'?;"),
        (
            "reset after-event=3",
            "fault reset has no 'after-event', did you mean 'after-events'?;",
        ),
        ("reset after-events=x", "fault reset: after-events: 'x' is no whole number from 0 on"),
        ("reset after-events", "fault reset: after-events needs a value, after-events=N"),
        ("reset after-events=1 after-events=2", "fault reset: after-events= is given twice"),
        (
            "reset after-events=3 after-bytes=3",
            "fault reset: give one of after-events=, after-bytes=, after-time= and fraction=",
        ),
        (
            "reset fraction=1.5",
            "fault reset: fraction: '1.5' is no share; write a number from 0 to 1, or 50%",
        ),
        ("delay", "fault delay: give one of time=, uniform= and lognormal="),
        ("delay time=soon", "fault delay: time: 'soon' is no duration; write 250ms, 2s, 1m or 1h"),
        (
            "delay uniform=2s..1s",
            "fault delay: uniform: '2s..1s' is no range of durations; write LOW..HIGH, as in 100ms..2s",
        ),
        (
            "delay lognormal=2s",
            "fault delay: lognormal: '2s' is no distribution; write MEDIAN,SIGMA, as in 800ms,0.5",
        ),
        ("drop-cookie name=a=b", "fault drop-cookie: name: 'a=b' is no name of a header or a cookie"),
        (
            "delay time='1s",
            'fault "delay time=\'1s": "time=\'1s" has no end: a quote or a bracket is left open',
        ),
        ("reset nth=0", "fault reset: nth: '0' is no whole number from 1 on"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_right(line, said):
    with pytest.raises(UsageError) as error:
        parse(line)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_an_example_that_reads_as_what_it_writes(name):
    fault = parse(FAULTS[name].example)
    assert fault.called == name
    assert parse(write(fault)) == fault


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_and_every_parameter_says_what_it_is(name):
    assert FAULTS[name].__doc__
    assert family(FAULTS[name])
    for parameter in parameters(FAULTS[name]).values():
        assert parameter.help, parameter.name


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_writes_what_was_set_and_reads_it_again(name):
    limits = {
        "method": "GET",
        "query": "a b*",
        "session": 0,
        "nth": 2,
        "probability": 0.25,
        "after": 60,
        "for_": 9,
    }
    fault = replace(parse(FAULTS[name].example), **limits)
    assert parse(write(fault)) == fault


def test_a_table_is_a_fault_too():
    table = {"fault": "reset", "after-events": 3, "path": "/api/*", "probability": 0.5}
    assert from_table(table) == parse("reset after-events=3 path=/api/* probability=0.5")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, 'a table needs its fault, as in fault = "reset"'),
        ({"fault": 3}, 'a table needs its fault, as in fault = "reset"'),
        ({"fault": "reset", "nht": 3}, "fault reset has no 'nht', did you mean 'nth'?"),
        ({"fault": "reset", "nth": 1.5}, "fault reset: nth: '1.5' is no whole number from 1 on"),
        ({"fault": "reset", "nth": [1]}, "fault reset: nth: '[1]' is no whole number from 1 on"),
    ],
)
def test_a_table_that_is_no_fault_is_told(table, said):
    with pytest.raises(UsageError) as error:
        from_table(table)
    assert str(error.value).startswith(said)


@given(
    st.sampled_from(sorted(FAULTS)), st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=3)
)
def test_any_text_is_a_fault_or_is_told_in_one_line(name, values):
    known = [field.name for field in fields(FAULTS[name])]
    line = " ".join([name, *(f"{key or known[0]}={value}" for key, value in values.items())])
    try:
        fault = parse(line)
    except UsageError as error:
        said = str(error)
    else:
        said = write(fault)
        assert parse(said) == fault
    assert "\n" not in said
