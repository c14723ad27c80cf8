"""What a replay remembers changes nothing: bytes, journal and sessions are as when everything is worked out anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from replayer.rendering.renderer import Renderer
from replayer.responder import ReplayOptions
from tests.replayer.random_traffic import OPTIONS, compare, write_cassettes


@pytest.mark.parametrize("options", OPTIONS, ids=range(len(OPTIONS)))
def test_random_traffic_is_answered_the_same(
    tmp_path: Path, options: ReplayOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = []
    keep = Renderer._keep

    def counted(renderer, key, session, rendered):
        keep(renderer, key, session, rendered)
        filled.append(renderer._kept.get(key))

    monkeypatch.setattr(Renderer, "_keep", counted)
    assert compare(600, 1, options, write_cassettes(tmp_path)) == 600
    assert [one for one in filled if one is not None and one.template is not None and one.template.gaps]
    assert [one for one in filled if one is not None and one.age is not None]
