"""The log view in a real browser, on the real Engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from dockerui.engine import Engine
from tests.support.chromium import SIZES, Complaints, assert_accessible, screenshot
from tests.support.engine import MakeContainer

WRITER = "trap 'n=$((n+1)); echo live $n' USR1; echo begin; while :; do sleep 0.05; done"
JSON_LINE = '{"level":"info","msg":"order.placed","order_id":48385,"total":{"amount":129.9,"currency":"EUR"}}'


class LogPage:
    """One window on a log."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.list = page.locator("[data-list]")
        self.foot = page.locator("[data-foot]")
        self.find = page.locator("[data-find]")
        self.hits = page.locator("[data-hits]")

    def open(self, container: str, query: str = "") -> LogPage:
        self.page.goto(f"/containers/{container}/logs/{query}")
        return self

    def line(self, text: str | re.Pattern[str]) -> Locator:
        return self.list.locator(".ll").filter(has=self.page.locator(".m", has_text=text))

    def texts(self) -> list[str]:
        texts: list[str] = self.list.locator(".ll .m").all_inner_texts()
        return texts

    def lines(self, count: int) -> None:
        expect(self.foot.locator("[data-lines]")).to_have_text(f"{count:,} line{'s' if count != 1 else ''}")

    def wheel(self, pixels: int) -> None:
        self.list.hover()
        self.page.mouse.wheel(0, pixels)


@pytest.fixture
def logs(admin_page: Page) -> LogPage:
    return LogPage(admin_page)


@pytest.fixture
def printed(make_container: MakeContainer, engine: Engine) -> Callable[..., str]:
    """Containers that have printed something and exited."""

    def make(script: str, **options: Any) -> str:
        container = make_container("sh", "-c", script, **options)
        engine.container_wait(container)
        return container

    return make


def speak(engine: Engine, container: str) -> None:
    engine.container_kill(container, signal="USR1")


def test_it_shows_the_log_and_follows_it(
    logs: LogPage, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("sh", "-c", WRITER)
    logs.open(container)
    expect(logs.line("begin")).to_be_visible()
    expect(logs.foot).to_contain_text("Following")
    speak(engine, container)
    expect(logs.line("live 1")).to_be_visible()
    expect(logs.foot).to_contain_text("2 lines")


def test_levels_colours_and_json(logs: LogPage, printed: Callable[..., str]) -> None:
    container = printed(
        r"printf '\033[31mred\033[0m plain\n'; echo WARN careful; echo 'ERROR bad' >&2;"
        f" echo '{JSON_LINE}'"
    )
    logs.open(container)
    expect(logs.line("red plain").locator(".f1")).to_have_text("red")
    expect(logs.line("careful")).to_have_class(re.compile(r"\bwarn\b"))
    expect(logs.line("bad")).to_have_class(re.compile(r"\berror\b.*\berr\b"))
    order = logs.line("order.placed")
    expect(order).to_contain_text("order_id=48385")
    order.get_by_role("button", name="Unfold").click()
    expect(order.locator(".json")).to_contain_text('"currency": "EUR"')
    expect(order.locator(".jn").first).to_have_text("48385")


def test_what_a_container_writes_stays_text(logs: LogPage, printed: Callable[..., str], page: Page) -> None:
    link = r"\033]8;;%s\033\\label\033]8;;\033\\\n"
    container = printed(
        "echo '<img src=x onerror=alert(1)><script>alert(2)</script>';"
        f" printf '{link % 'javascript:alert(3)'}{link % 'https://example.org/ok'}';"
        r" printf '\033]0;title\007\033]52;c;aGk=\007\033[2Jafter\n'; printf 'evil\342\200\256txt\n';"
        """ echo '{"msg":"<b>bold</b>","x":"<i>"}'"""
    )
    logs.page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    logs.open(container)
    expect(logs.line("<img src=x onerror=alert(1)><script>alert(2)</script>")).to_be_visible()
    expect(logs.line("after").locator(".m")).to_have_text("after")
    expect(logs.line("evil\ufffdtxt")).to_be_visible()
    expect(logs.list.locator(".ll a")).to_have_count(1)
    expect(logs.list.locator(".ll a")).to_have_attribute("href", "https://example.org/ok")
    expect(logs.line("<b>bold</b>").locator("b")).to_have_count(0)
    assert logs.page.title() != "title"


def test_a_terminals_lines_and_very_long_ones(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.open(printed(r"printf 'one\033[32m green\033[0m\n\ntwo\n'", tty=True))
    expect(logs.list.locator(".ll .m")).to_have_text(["one green", "", "two"])
    expect(logs.list.locator(".ll .f2")).to_have_text(" green")
    long = "head -c 40000 /dev/zero | tr '\\0' a; echo b; echo after"
    for tty in (False, True):
        logs.open(printed(long, tty=tty))
        logs.lines(2)
        expect(logs.list.locator(".ll .cut")).to_contain_text("30001 more characters")
        expect(logs.line("after")).to_be_visible()


def test_find_counts_steps_and_filters(logs: LogPage, printed: Callable[..., str]) -> None:
    container = printed('i=0; while [ $i -lt 300 ]; do echo "n=$i Apple"; i=$((i+1)); done')
    logs.open(container)
    logs.lines(300)
    logs.find.fill("n=\\d*50 apple")
    expect(logs.hits).to_have_text("No match")
    logs.page.get_by_role("button", name="Regular expression").click()
    expect(logs.hits).to_have_text("3")
    logs.find.press("Enter")
    expect(logs.hits).to_have_text("3 of 3")
    expect(logs.list.locator("mark.cur")).to_have_text("n=250 Apple")
    logs.find.press("Shift+Enter")
    expect(logs.list.locator("mark.cur")).to_have_text("n=150 Apple")
    logs.page.get_by_role("button", name="Match case").click()
    expect(logs.hits).to_have_text("No match")
    logs.page.get_by_role("button", name="Match case").click()
    logs.page.get_by_role("button", name="Show only lines that match").click()
    expect(logs.list.locator(".ll")).to_have_count(3)
    logs.page.reload()
    expect(logs.list.locator(".ll")).to_have_count(3)
    expect(logs.find).to_have_value("n=\\d*50 apple")
    logs.line("n=150").hover()
    logs.page.get_by_role("button", name="Show it among the others").click()
    expect(logs.line("n=151")).to_be_visible()
    expect(logs.line("n=150")).to_have_class(re.compile(r"\bsel\b"))


def test_matches_can_have_context(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.open(printed("seq 1 100"), "?q=50&only=1&context=2")
    expect(logs.list.locator(".ll .m")).to_have_text(["48", "49", "50", "51", "52"])


def test_an_expression_that_never_ends_is_stopped(logs: LogPage, printed: Callable[..., str]) -> None:
    container = printed(
        "i=0; while [ $i -lt 40 ]; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!; i=$((i+1)); done"
    )
    logs.open(container, "?regex=1&q=" + "(a%2B)%2B%24")
    expect(logs.hits).to_have_text("takes too long to match", timeout=15_000)
    logs.find.fill("a!")
    expect(logs.hits).to_have_text("40")


def test_a_wrong_expression_is_explained(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.open(printed("echo x"), "?regex=1&q=(")
    expect(logs.hits).to_have_text("Unterminated group")


def test_levels_can_be_filtered(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.open(
        printed("for i in 1 2 3; do echo DEBUG d; echo INFO i; echo WARN w; echo ERROR e; echo plain; done")
    )
    logs.lines(15)
    logs.page.get_by_role("radio", name="Warn").check(force=True)
    expect(logs.list.locator(".ll")).to_have_count(6)
    logs.page.get_by_role("radio", name="Debug").check(force=True)
    expect(logs.list.locator(".ll")).to_have_count(12)
    logs.page.get_by_role("radio", name="Error").check(force=True)
    expect(logs.list.locator(".ll .m")).to_have_text(["ERROR e"] * 3)
    logs.page.get_by_role("radio", name="All").check(force=True)
    expect(logs.list.locator(".ll")).to_have_count(15)


def test_scrolling_up_pauses_and_the_end_comes_back(
    logs: LogPage, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("sh", "-c", "seq 1 500; " + WRITER)
    logs.open(container)
    expect(logs.line("begin")).to_be_visible()
    logs.wheel(-600)
    expect(logs.foot).to_contain_text("Paused")
    expect(logs.line("begin")).not_to_be_in_viewport()
    before = logs.list.evaluate("list => list.scrollTop")
    latest = logs.page.get_by_role("button", name="Jump to latest")
    for count in (1, 2, 3):
        speak(engine, container)
        expect(latest).to_contain_text(f"{count} new")
    assert logs.list.evaluate("list => list.scrollTop") == before
    latest.click()
    expect(logs.line("live 3")).to_be_in_viewport()
    expect(logs.foot).to_contain_text("Following")


def test_the_log_can_be_read_back_to_its_beginning(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.open(printed("seq 1 6000"))
    logs.lines(1000)
    expect(logs.line("6000")).to_be_in_viewport()
    beginning = logs.list.get_by_text("The log begins here.")
    for _ in range(40):
        if beginning.is_visible():
            break
        logs.list.focus()
        logs.page.keyboard.press("Home")
        logs.page.wait_for_timeout(100)
    expect(beginning).to_be_visible()
    logs.lines(6000)
    expect(logs.list.locator(".ll .m").first).to_have_text("1")


def test_a_line_can_be_linked_to(
    logs: LogPage, printed: Callable[..., str], new_page: Callable[..., Page], admin_state: Any
) -> None:
    logs.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    container = printed("seq 1 9000")
    logs.open(container, "?tail=all")
    logs.lines(9000)
    logs.find.fill("4321")
    expect(logs.hits).to_have_text("1")
    logs.find.press("Enter")
    expect(logs.hits).to_have_text("1 of 1")
    logs.line("4321").hover()
    logs.page.get_by_role("button", name="Copy a link to the line").click()
    expect(logs.page.locator(".toast")).to_contain_text("Link copied")
    url = logs.page.evaluate("navigator.clipboard.readText()")
    assert "line=" in url
    assert "q=" not in url
    other = LogPage(new_page(storage_state=admin_state))
    other.page.goto(url)
    picked = other.list.locator(".ll.sel .m")
    expect(picked).to_have_text("4321")
    expect(picked).to_be_in_viewport()
    expect(other.foot).to_contain_text("Reading the past")
    other.page.get_by_role("button", name="Jump to latest").last.click()
    expect(other.line("9000")).to_be_in_viewport()


def test_lines_can_be_copied(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    logs.open(printed("for w in one two three four; do echo $w; done"), "?times=off")
    logs.line("two").hover()
    logs.page.get_by_role("button", name="Copy the line").click()
    expect(logs.page.locator(".toast")).to_contain_text("Line copied")
    assert logs.page.evaluate("navigator.clipboard.readText()") == "two"
    logs.page.goto(logs.page.url.replace("times=off", "times=time"))
    logs.line("one").locator("time").click()
    logs.line("three").locator("time").click(modifiers=["Shift"])
    expect(logs.foot).to_contain_text("3 lines selected")
    logs.page.keyboard.press("Control+c")
    expect(logs.page.locator(".toast")).to_contain_text("Lines copied")
    copied = logs.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert [line.split(" ")[1] for line in copied] == ["one", "two", "three"]


def test_streams_and_details_can_be_chosen(logs: LogPage, printed: Callable[..., str]) -> None:
    container = printed(
        """echo '{"level":"warn","msg":"out"}'; echo err >&2""",
        HostConfig={"LogConfig": {"Type": "json-file", "Config": {"labels": "team"}}},
        Labels={"team": "blue"},
    )
    logs.open(container)
    logs.lines(2)
    logs.page.get_by_role("button", name="What is shown").click()
    logs.page.get_by_label("stdout").uncheck()
    expect(logs.list.locator(".ll .m")).to_have_text(["err"])
    logs.page.get_by_label("stderr").uncheck()
    expect(logs.list.locator(".ll .m")).to_have_text(["out"])
    logs.page.get_by_label("Details of the log driver").check()
    expect(logs.list.locator(".ll .det")).to_have_text("team=blue ")
    expect(logs.list.locator(".ll .m")).to_have_text(["team=blue out"])  # the JSON behind them is still read
    expect(logs.list.locator(".ll")).to_contain_text("WARN")


def test_a_range_of_time_can_be_chosen(logs: LogPage, printed: Callable[..., str]) -> None:
    container = printed("seq 1 20; sleep 1.2; seq 21 40; sleep 1.2; seq 41 60")
    logs.open(container, "?times=utc")
    logs.lines(60)
    first, last = (logs.line(re.compile(f"^{n}$")).locator("time").inner_text() for n in (21, 40))
    logs.open(container, f"?since={first}")
    expect(logs.list.locator(".ll .m").first).to_have_text("21")
    expect(logs.list.get_by_text("The chosen range begins here.")).to_be_visible()
    logs.open(container, f"?since={first}&until={last}")
    expect(logs.foot).to_contain_text("Complete")
    expect(logs.list.locator(".ll .m")).to_have_text([str(n) for n in range(21, 41)])
    logs.open(container, "?last=15m")
    logs.lines(60)


def test_a_click_on_the_strip_goes_there(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.open(printed("seq 1 300; sleep 2; seq 301 600; sleep 2; seq 601 900"))
    logs.lines(900)
    expect(logs.page.locator(".hist rect:not(.now)").first).to_be_attached()
    box = logs.page.locator(".hist svg").bounding_box()
    assert box is not None
    logs.page.mouse.click(box["x"] + box["width"] / 4, box["y"] + 20)
    expect(logs.line(re.compile("^301$"))).to_be_in_viewport()
    expect(logs.foot).not_to_contain_text("Following")


def test_what_is_shown_and_everything_can_be_downloaded(
    logs: LogPage, printed: Callable[..., str], tmp_path: Path
) -> None:
    container = printed(r"seq 1 2500; printf '\033[31mred\033[0m\n'", name=None)
    logs.open(container, "?q=99&only=1")
    expect(logs.hits).to_have_text(re.compile(r"^\d+$"))
    logs.page.get_by_role("button", name="Download").click()
    logs.page.get_by_label("With times").uncheck()
    with logs.page.expect_download() as shown:
        logs.page.get_by_role("button", name="The lines that are shown").click()
    lines = Path(shown.value.path()).read_text().splitlines()
    assert lines == [str(n) for n in range(1502, 2501) if "99" in str(n)]
    logs.page.get_by_role("button", name="Download").click()
    with logs.page.expect_download() as whole:
        logs.page.get_by_role("link", name="The whole log").click()
    assert whole.value.suggested_filename.endswith(".log")
    assert (
        Path(whole.value.path()).read_text()
        == "".join(f"{n}\n" for n in range(1, 2501)) + "\033[31mred\033[0m\n"
    )


def test_it_says_what_happens_to_the_container(
    logs: LogPage, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container("sh", "-c", WRITER)
    logs.open(container)
    expect(logs.line("begin")).to_be_visible()
    engine.container_kill(container)
    expect(logs.list.locator(".ll-note")).to_have_text("The container stopped with exit code 137.")
    expect(logs.foot).to_contain_text("Stopped")
    engine.container_start(container)
    expect(logs.line("begin")).to_have_count(2)
    expect(logs.list.locator(".ll-note")).to_have_count(2)
    expect(logs.foot).to_contain_text("Following")
    engine.container_remove(container, force=True)
    expect(logs.list.locator(".ll-note").last).to_have_text("The container was removed.")
    expect(logs.foot).to_contain_text("Removed")


def test_it_says_why_there_is_nothing(logs: LogPage, make_container: MakeContainer) -> None:
    empty = logs.page.locator("[data-empty]")
    logs.open(make_container("true", start=False))
    expect(empty).to_contain_text("never started")
    logs.open(make_container("sleep", "1000"))
    expect(empty).to_contain_text("Nothing has been written yet")
    logs.open(make_container("sleep", "1000", HostConfig={"LogConfig": {"Type": "none"}}))
    expect(empty).to_contain_text("cannot be read through the Engine")
    expect(logs.foot).to_contain_text("Not readable")


def test_it_loses_and_doubles_nothing_when_the_connection_breaks(
    logs: LogPage, make_container: MakeContainer
) -> None:
    """Twenty breaks while lines come as fast as a shell writes them."""
    sockets: list[WebSocketRoute] = []

    def route(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    logs.page.route_web_socket(re.compile("/ws$"), route)
    container = make_container(
        "sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); echo $i; done; sleep 1000"
    )
    logs.open(container, "?tail=all")
    for _ in range(20):
        count = len(sockets)
        logs.page.wait_for_timeout(120)
        sockets[-1].close(code=1001)
        while len(sockets) == count:
            logs.page.wait_for_timeout(20)
    expect(logs.foot).to_contain_text("60,000 lines", timeout=60_000)
    logs.page.get_by_role("button", name="Download").click()
    logs.page.get_by_label("With times").uncheck()
    with logs.page.expect_download() as shown:
        logs.page.get_by_role("button", name="The lines that are shown").click()
    assert Path(shown.value.path()).read_text().split() == [str(n) for n in range(1, 60_001)]


@pytest.fixture
def project(make_container: MakeContainer, labels: dict[str, str]) -> Any:
    """Containers of one compose project: `project("web", script)`; `project.name` tells which."""
    name = "p" + labels["dockerui.test"][:8]

    def make(service: str, script: str) -> str:
        marks = {"com.docker.compose.project": name, "com.docker.compose.service": service}
        return make_container("sh", "-c", script, name=f"{name}-{service}", Labels=marks)

    make.name = name  # type: ignore[attr-defined]
    return make


def test_a_project_is_shown_in_the_order_of_time(logs: LogPage, project: Any, engine: Engine) -> None:
    slow = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo {name} $i; sleep 0.0{pause}; done; "
    first = project("web", slow.format(name="web", pause=3) + WRITER)
    project("db", slow.format(name="db", pause=2) + "sleep 1000")
    logs.page.goto(f"/projects/{project.name}/logs/?times=utc")
    expect(logs.line("web 30")).to_be_attached()
    expect(logs.line("db 30")).to_be_attached()
    logs.lines(61)
    expect(logs.list.locator(".ll .src").first).to_have_text(re.compile(rf"^{project.name}-(web|db)$"))
    stamps = logs.list.locator(".ll time").all_inner_texts()
    assert stamps == sorted(stamps)
    speak(engine, first)
    expect(logs.line("live 1")).to_be_visible()
    project("worker", "echo hello from the new one; sleep 1000")
    expect(logs.line("hello from the new one")).to_be_visible(timeout=15_000)
    expect(logs.page.locator("[data-log-sources] li")).to_have_count(3)
    assert_accessible(logs.page)


def test_the_whole_log_is_searched_on_the_server(logs: LogPage, printed: Callable[..., str]) -> None:
    logs.open(printed("seq 1 30000"))
    logs.lines(1000)
    logs.find.fill("777")
    logs.page.get_by_role("button", name="Search the whole log").click()
    found = logs.page.get_by_role("region", name="Matches in the whole log")
    expect(found).to_contain_text("Searched everything", timeout=15_000)
    expect(found.locator("li").first).to_contain_text("777")
    found.locator("li").filter(has_text="10777").click()
    expect(logs.list.locator(".ll.sel .m")).to_have_text("10777")
    found.get_by_role("button", name="Close").click()
    expect(found).to_be_hidden()


def test_nonsense_in_the_address_is_refused(
    logs: LogPage, printed: Callable[..., str], complaints: Complaints
) -> None:
    complaints.expect(r"status of 4\d\d")
    container = printed("echo x")
    for query in ("?tail=-5", "?since=yesterday", "?until=2026-13-01T00:00:00Z"):
        assert status(logs.page, f"/containers/{container}/logs/{query}") == 400
    assert status(logs.page, "/containers/no-such-container/logs/") == 404


def status(page: Page, url: str) -> int:
    response = page.goto(url)
    assert response is not None
    return response.status


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_accessible_and_good_to_look_at(
    new_page: Callable[..., Page], admin_state: Any, printed: Callable[..., str], scheme: str, width: int
) -> None:
    container = printed(
        'i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "INFO request id=$i status=200";'
        " [ $((i % 9)) = 0 ] && echo WARN slow query: timeout;"
        " [ $((i % 25)) = 0 ] && echo 'ERROR connection refused' >&2;"
        f" [ $((i % 40)) = 0 ] && echo '{JSON_LINE}'; done; true"
    )
    viewport = {"width": width, "height": 900 if width > 400 else 844}
    logs = LogPage(new_page(storage_state=admin_state, color_scheme=scheme, viewport=viewport))
    logs.open(container, "?q=timeout%7Crefused&regex=1")
    expect(logs.hits).to_have_text("30")
    expect(logs.list.locator("mark").first).to_be_visible()
    screenshot(logs.page, f"logs-{scheme}-{width}")
    assert_accessible(logs.page)
    logs.page.get_by_role("button", name="What is shown").click()
    assert_accessible(logs.page)


def test_a_match_stays_on_screen_when_the_wrapped_lines_above_it_come(
    logs: LogPage, printed: Callable[..., str]
) -> None:
    count = "i=0; while [ $i -lt 900 ]; do i=$((i+1)); printf '%d %0200d\\n' $i 0"
    logs.page.set_viewport_size(SIZES["390"])
    logs.open(printed(f"{count}; [ $i = 300 ] && echo needle; done; true"))
    logs.lines(901)
    logs.find.fill("needle")
    expect(logs.hits).to_have_text("1")
    logs.find.press("Enter")
    expect(logs.line(re.compile("^300 0"))).to_be_in_viewport()
    expect(logs.line(re.compile("^299 0"))).to_be_in_viewport()
    expect(logs.list.locator("mark.cur")).to_be_in_viewport()
