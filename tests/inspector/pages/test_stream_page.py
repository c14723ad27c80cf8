"""One exchange: its time line, the table of its events, what is in them; and plain exchanges."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from playwright.sync_api import Page, expect

from foundation.clock import SYSTEM
from tests.inspector.recordings import HEADER, append, event, plain, stream

SECOND = 1_000_000
MILLISECOND = 1000

ANSWER = {"text": "é", "big": 12345678901234567890, "deep": {"deeper": {"deepest": list(range(250))}}}


@pytest.fixture(scope="module")
def stalled(tmp_path_factory, inspected_by_all) -> str:
    """A stream with heartbeats at their pace, a stall, an error, an event in two chunks, and a cut event."""
    result = event("result", ANSWER)
    chunks = [
        (10 * MILLISECOND, event("progress", {"progress": 5})),
        *((second * SECOND, event("heartbeat", {})) for second in range(1, 6)),
        (5500 * MILLISECOND, event("progress", {"progress": 50})),
        (30 * SECOND, event("error", {"error": "overloaded"})),
        (30 * SECOND + 400 * MILLISECOND, result[:9]),
        (30 * SECOND + 500 * MILLISECOND, result[9:]),
        (31 * SECOND, 'event: late\ndata: {"never'),
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("stalled")
    return inspected_by_all(append(folder / "stalled.jsonl", stream(0, 0, chunks, how="reset"))) + "#/x/0.0"


@pytest.fixture
def shown(quiet_page, stalled) -> Page:
    quiet_page.goto(stalled)
    expect(rows(quiet_page)).to_have_count(12)
    return quiet_page


def rows(page: Page):
    return page.get_by_role("grid", name="Moments of the stream").locator(".table-body .row")


def drawing(page: Page):
    return page.locator(".timeline-drawing")


def line(page: Page):
    return page.get_by_role("slider", name="Moments on the time line")


def test_each_name_has_a_line_of_its_own(shown) -> None:
    names = drawing(shown).locator(".lane").evaluate_all("lanes => lanes.map((lane) => lane.dataset.lane)")
    assert names == ["progress", "error", "result", "late", "heartbeat"]
    expect(drawing(shown).locator("[data-lane=progress] .mark")).to_have_count(2)
    expect(drawing(shown).locator(".lane.heartbeat circle.mark")).to_have_count(5)  # faint
    expect(drawing(shown).locator(".mark.loud")).to_have_count(2)  # the error, and the event that was cut
    expect(drawing(shown).locator(".edge.end.error")).to_have_text("reset")


def test_marks_are_where_their_time_is(shown) -> None:
    centre = "marks => marks.map((mark) => { const box = mark.getBoundingClientRect(); return box.x + box.width / 2; })"
    beats = drawing(shown).locator(".lane.heartbeat .mark").evaluate_all(centre)
    progress = drawing(shown).locator("[data-lane=progress] .mark").evaluate_all(centre)
    second = (beats[-1] - beats[0]) / 4
    assert progress[1] - beats[-1] == pytest.approx(second / 2, abs=2)


def test_a_stall_is_shown_with_its_length_and_quiet_apart_from_it(shown) -> None:
    expect(drawing(shown).locator(".stall.silence")).to_have_text(["24.5 s silence"])
    expect(drawing(shown).locator(".stall.quiet")).to_have_text(["5.49 s only heartbeats"])
    expect(rows(shown).nth(8).locator(".stall-mark")).to_have_text("24.5 s")
    shown.get_by_role("button", name="Stall of 24.5 s").click()
    expect(shown.get_by_role("row", selected=True)).to_contain_text("error")


def test_a_steady_stream_has_no_stall(inspected, quiet_page, tmp_path) -> None:
    chunks = [(n * SECOND, event("progress", {"n": n})) for n in range(1, 9)]
    quiet_page.goto(inspected(append(tmp_path / "steady.jsonl", stream(0, 0, chunks))) + "#/x/0.0")
    expect(quiet_page.get_by_text("No stall")).to_be_visible()
    expect(drawing(quiet_page).locator(".stall")).to_have_count(0)


def test_the_mark_and_the_row_are_one(shown) -> None:
    drawing(shown).locator("[data-lane=error] .mark").click()
    expect(shown.get_by_role("row", selected=True)).to_contain_text("overloaded")
    expect(shown.get_by_role("tabpanel", name="Event")).to_contain_text('"overloaded"')
    expect(line(shown)).to_have_attribute("aria-valuetext", re.compile(r"^error at 30\.000 s"))
    rows(shown).nth(1).hover()
    expect(drawing(shown).locator(".cursor.hovered")).to_have_count(1)
    expect(shown.locator(".readout")).to_contain_text("#1 progress at 0.010 s")
    drawing(shown).locator("[data-lane=result] .mark").hover()
    expect(rows(shown).nth(9)).to_have_class(re.compile(r"\blit\b"))


def test_arrows_go_along_the_line_and_down_the_table(shown) -> None:
    line(shown).focus()
    shown.keyboard.press("End")
    expect(line(shown)).to_have_attribute("aria-valuenow", "11")
    shown.keyboard.press("ArrowLeft")
    expect(shown.get_by_role("row", selected=True)).to_contain_text("late cut")
    expect(shown.get_by_role("tabpanel", name="Event")).to_contain_text("no browser would deliver it")
    shown.get_by_role("grid").focus()
    shown.keyboard.press("ArrowUp")
    shown.keyboard.press("k")
    expect(line(shown)).to_have_attribute("aria-valuenow", "8")


def test_the_line_can_be_zoomed_moved_and_shown_whole(shown) -> None:
    beats = drawing(shown).locator(".lane.heartbeat .mark")
    axis = drawing(shown).locator(".axis text")
    whole = axis.all_text_contents()
    for _ in range(6):
        shown.keyboard.press("+")
    expect(drawing(shown).locator(".window .part")).to_be_visible()
    expect(axis.first).not_to_have_text(whole[0])
    drawing(shown).hover(position={"x": 200, "y": 60})
    shown.mouse.wheel(0, 3000)
    expect(axis).to_have_text(whole)
    drawing(shown).hover(position={"x": 600, "y": 60})
    shown.mouse.wheel(0, -600)
    expect(beats).to_have_count(0)  # they are to the left of the window
    shown.mouse.down()
    shown.mouse.move(2600, 300)
    shown.mouse.up()
    expect(beats).not_to_have_count(0)
    shown.keyboard.press("0")
    expect(beats).to_have_count(5)


def test_chunks_are_shown_on_demand(shown) -> None:
    expect(drawing(shown).locator(".chunk")).to_have_count(0)
    shown.keyboard.press("c")
    expect(drawing(shown).locator(".chunk")).to_have_count(11)
    shown.get_by_role("button", name="Chunks").click()
    expect(drawing(shown).locator(".chunk")).to_have_count(0)


def test_heartbeats_can_be_left_out_of_the_table(shown) -> None:
    rows(shown).filter(has_text="overloaded").click()
    shown.keyboard.press("h")
    expect(rows(shown)).to_have_count(7)
    expect(shown.get_by_role("row", selected=True)).to_contain_text("overloaded")
    expect(drawing(shown).locator(".lane.heartbeat .mark")).to_have_count(5)


def test_json_is_folded_and_exact(shown) -> None:
    rows(shown).filter(has_text="result").click()
    tree = shown.get_by_role("tree", name="Data of result")
    expect(tree).to_contain_text("big: 12345678901234567890")
    expect(tree).not_to_contain_text("deepest")  # it is not even built
    branch = tree.get_by_role("treeitem", name=re.compile(r"^deeper: \{ 1 field \}"))
    branch.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        shown.keyboard.press(key)
    expect(tree.get_by_text("150 more…")).to_be_visible()
    tree.get_by_text("150 more…").click()
    expect(tree.get_by_text("50 more…")).to_be_visible()
    branch.focus()
    shown.keyboard.press("ArrowLeft")
    expect(tree.get_by_text("50 more…")).to_be_hidden()


def test_bytes_are_shown_as_they_were_on_the_wire(shown) -> None:
    rows(shown).filter(has_text="result").click()
    forms = shown.get_by_role("group", name="Data of result: form")
    forms.get_by_role("button", name="Escaped").click()
    data = json.dumps(ANSWER)
    expect(shown.locator("pre.escaped")).to_have_text(
        f"event: result\\n\ndata: {data}\\n\n\\n\n", use_inner_text=True
    )
    forms.get_by_role("button", name="Hex").click()
    expect(shown.locator("pre.hex")).to_contain_text(
        "000000  65 76 65 6e 74 3a 20 72 65 73 75 6c 74 0a 64 61  event: result·da"
    )
    rows(shown).filter(has_text="overloaded").click()
    expect(shown.locator("pre.hex")).to_contain_text("event: error")  # the form stays


def test_a_long_event_is_fetched_whole_when_asked_for(inspected, quiet_page, tmp_path) -> None:
    long = {"text": "x" * 20_000}
    quiet_page.goto(
        inspected(append(tmp_path / "long.jsonl", stream(0, 0, [(5000, event("result", long))]))) + "#/x/0.0"
    )
    quiet_page.get_by_role("button", name="Show all of it").click()
    tree = quiet_page.get_by_role("tree")
    tree.get_by_role("button", name="all 20\u202f000 characters").click()
    expect(tree).to_contain_text(long["text"])


def test_request_and_response_are_beside_the_events(shown) -> None:
    shown.get_by_role("tab", name="Event").focus()
    shown.keyboard.press("ArrowRight")
    expect(shown.get_by_role("tabpanel", name="Request")).to_contain_text(
        "POST http://chat.example.org/api/v1/stream HTTP/1.1"
    )
    shown.keyboard.press("ArrowRight")
    table = shown.get_by_role("table", name="Response headers")
    expect(table.get_by_role("row")).to_have_text(["Content-Typetext/event-stream"])


def test_the_request_is_copied_as_curl(quiet_page, stalled) -> None:
    quiet_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    quiet_page.goto(stalled)
    quiet_page.get_by_role("button", name="Copy as curl").click()
    expect(quiet_page.get_by_role("button", name="Copied")).to_be_visible()
    copied = quiet_page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("curl ")
    assert "http://chat.example.org/api/v1/stream" in copied


def test_a_running_stream_grows_while_one_watches(inspected, quiet_page, tmp_path) -> None:
    chunks = [(second * SECOND, event("progress", {"n": second})) for second in (1, 2, 3)]
    lines = stream(0, 0, chunks)
    cassette = append(tmp_path / "live.jsonl", lines[:3])
    quiet_page.goto(inspected(cassette) + "#/x/0.0")
    marks = drawing(quiet_page).locator("[data-lane=progress] .mark")
    expect(quiet_page.get_by_text("running")).to_be_visible()
    expect(marks).to_have_count(1)
    append(cassette, lines[3:4])
    expect(marks).to_have_count(2)
    expect(rows(quiet_page)).to_have_count(3)
    append(cassette, lines[4:])
    expect(marks).to_have_count(3)
    expect(rows(quiet_page).last).to_contain_text("complete")
    expect(quiet_page.get_by_text("running")).to_have_count(0)


def test_a_stream_is_shown_as_one_when_its_head_comes(inspected, quiet_page, tmp_path) -> None:
    lines = stream(0, 0, [(SECOND, event("progress", {}))])
    cassette = append(tmp_path / "live.jsonl", lines[:1])
    quiet_page.goto(inspected(cassette) + "#/x/0.0")
    expect(quiet_page.get_by_text("No answer yet.")).to_be_visible()
    append(cassette, lines[1:])
    expect(drawing(quiet_page).locator("[data-lane=progress] .mark")).to_have_count(1)


def test_the_silence_of_a_running_stream_is_counted(inspected, quiet_page, tmp_path) -> None:
    lines = stream(0, 0, [(2 * SECOND, event("progress", {"n": 1})), (30 * SECOND, event("result", {}))])
    created = SYSTEM.wall() - dt.timedelta(seconds=12)
    cassette = tmp_path / "live.jsonl"
    cassette.write_text(json.dumps(HEADER | {"created": created.isoformat()}) + "\n", encoding="utf-8")
    quiet_page.goto(inspected(append(cassette, lines[:3])) + "#/x/0.0")
    silence = quiet_page.get_by_role("timer")
    expect(silence).to_have_text(re.compile(r"silent for \d+(\.\d+)? s"))
    expect(silence).to_have_class(re.compile("bad"))
    expect(silence).not_to_have_text(silence.inner_text())  # it goes on
    expect(drawing(quiet_page).locator(".stall.silence")).to_contain_text("silence")
    append(cassette, lines[3:])
    expect(rows(quiet_page).last).to_contain_text("complete")
    expect(silence).to_be_empty()


def test_a_stream_that_nobody_can_be_recording_is_not_counted(inspected, quiet_page, tmp_path) -> None:
    lines = stream(0, 0, [(SECOND, event("progress", {"n": 1}))], how=None)
    quiet_page.goto(inspected(append(tmp_path / "old.jsonl", lines)) + "#/x/0.0")
    expect(quiet_page.get_by_role("timer")).to_have_text("no end was recorded")


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGP4z8AARAwoFABE0AX7pM/egAAAAABJRU5ErkJggg=="


def test_a_picture_is_shown_and_never_run(inspected, quiet_page, tmp_path) -> None:
    script = "<svg xmlns='http://www.w3.org/2000/svg'><script>globalThis.ran = 1</script></svg>"
    lines = [*plain(0, 0, "/a.png", {"base64": PNG}), *plain(1, SECOND, "/a.svg", script)]
    lines[1]["headers"] = [["content-type", "Image/PNG; a=b"]]
    lines[5]["headers"] = [["content-type", "image/svg+xml"]]
    quiet_page.goto(inspected(append(tmp_path / "pictures.jsonl", lines)) + "#/x/0.0")
    image = quiet_page.get_by_role("img", name="Body of the response")
    quiet_page.wait_for_function(
        "image => image.complete && image.naturalWidth === 2", arg=image.element_handle()
    )
    quiet_page.evaluate("() => { location.hash = '#/x/0.1'; }")
    answer = quiet_page.get_by_role("region", name="Response")
    expect(answer).to_contain_text("globalThis.ran")
    expect(quiet_page.get_by_role("img")).to_have_count(0)
    assert quiet_page.evaluate("() => globalThis.ran") is None


def test_a_long_body_is_fetched_whole_when_asked_for(inspected, quiet_page, tmp_path) -> None:
    body = {"text": "x" * 70_000, "last": "the end"}
    quiet_page.goto(inspected(append(tmp_path / "long.jsonl", plain(0, 0, "/long", body))) + "#/x/0.0")
    quiet_page.get_by_role("region", name="Response").get_by_role("button", name="Show all of it").click()
    expect(quiet_page.get_by_role("tree", name="Body of the response")).to_contain_text("the end")


def test_a_plain_exchange_is_request_beside_response(inspected, quiet_page, tmp_path) -> None:
    lines = [*plain(0, 0, "/thing", {"found": True}), *plain(1, SECOND, "/image", {"base64": "iVBORw0KGgo="})]
    cassette = append(tmp_path / "plain.jsonl", lines)
    quiet_page.goto(inspected(cassette) + "#/x/0.0")
    answer = quiet_page.get_by_role("region", name="Response")
    expect(answer).to_contain_text("HTTP/1.1 200 OK")
    expect(answer.get_by_role("tree")).to_contain_text("found: true")
    quiet_page.evaluate("() => { location.hash = '#/x/0.1'; }")
    expect(answer.locator("pre.escaped")).to_have_text("\\x89PNG\\r\\n\n\\x1a\\n\n", use_inner_text=True)


def test_what_is_not_there_is_shown(inspected, page) -> None:
    page.goto(inspected("stream") + "#/x/0.17")
    expect(page.get_by_role("alert")).to_contain_text("there is no exchange 0.17")
    page.evaluate("() => { location.hash = '#/nowhere'; }")
    expect(page.get_by_text("There is no such page")).to_be_visible()


def test_axe_finds_nothing_in_a_stream(shown, accessible) -> None:
    shown.keyboard.press("c")
    expect(drawing(shown).locator(".chunk")).not_to_have_count(0)
    accessible(shown)


def test_axe_finds_nothing_in_a_plain_exchange(inspected, quiet_page, accessible) -> None:
    quiet_page.goto(inspected("job") + "#/x/0.1")
    expect(quiet_page.get_by_role("tree")).to_be_visible()
    accessible(quiet_page)
