"""Terminals in a real browser, on the real Engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.chromium import SIZES, Complaints, assert_accessible, login, screenshot

if TYPE_CHECKING:
    from dockerui.engine import Engine

MakeContainer = Callable[..., str]
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture
def container(make_container: MakeContainer, labels: dict[str, str]) -> str:
    return make_container(name=f"shop-api-{labels['dockerui.test'][:6]}")


@pytest.fixture(autouse=True)
def ends_with_its_container(complaints: Complaints) -> None:
    """The page may still be open when the test's container is removed, and ask for a header that is gone."""
    complaints.expect(r"status of 404.*/header")


def pane(page: Page, index: int = 0) -> Locator:
    return page.locator(".pane:visible").nth(index)


def screen(page: Page, index: int = 0) -> Locator:
    return pane(page, index).locator(".xterm-rows")


def shows(page: Page, text: str, index: int = 0, timeout: float = 10_000) -> None:
    """Wait until the screen shows this. Rows are elements: spaces at their ends do not count."""
    expect(screen(page, index)).to_contain_text(text, timeout=timeout)


def open_terminal(page: Page, container: str) -> None:
    page.goto(f"/containers/{container}/terminal/")
    expect(page.locator(".term .logfoot")).to_contain_text("Connected")
    shows(page, "#")


def run(page: Page, command: str) -> None:
    page.keyboard.type(command)
    page.keyboard.press("Enter")


def size_shown(page: Page) -> tuple[int, int]:
    text = page.locator(".term .logfoot").inner_text()
    found = re.search(rf"(\d+) {TIMES} (\d+)", text)
    assert found, text
    return int(found[2]), int(found[1])


def test_a_shell_starts_by_itself_with_the_size_of_the_window(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    rows, cols = size_shown(admin_page)
    assert rows > 20
    assert cols > 100
    run(admin_page, "stty size")
    shows(admin_page, f"{rows} {cols}")
    expect(admin_page.locator(".term .logfoot")).to_contain_text("user root")
    expect(admin_page.locator(".term .logfoot")).to_contain_text("/bin/sh")
    expect(admin_page.get_by_role("tab", name="sh")).to_have_attribute("aria-selected", "true")
    screenshot(admin_page, "terminal-shell")


def test_resizing_the_window_resizes_the_tty(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    before = size_shown(admin_page)
    admin_page.set_viewport_size({"width": 1100, "height": 700})
    expect(admin_page.locator(".term .logfoot")).not_to_contain_text(f"{before[1]} {TIMES} {before[0]}")
    rows, cols = size_shown(admin_page)
    run(admin_page, "clear; stty size")
    shows(admin_page, f"{rows} {cols}")


def test_vi_edits_a_file(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "vi /tmp/note")
    shows(admin_page, "/tmp/note")
    admin_page.keyboard.type("ihello from vi")
    shows(admin_page, "hello from vi")
    admin_page.keyboard.press("Escape")
    shows(admin_page, "- /tmp/note")  # vi waits a moment: Escape could begin an arrow key
    admin_page.keyboard.type(":wq")
    admin_page.keyboard.press("Enter")
    shows(admin_page, "#")
    run(admin_page, "clear; cat /tmp/note | tr a-z A-Z")
    shows(admin_page, "HELLO FROM VI")


def test_keys_reach_the_program_and_not_the_page(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "cat -v")
    for key in ("Control+k", "Control+p", "?", "/", "j", "Control+f"):
        admin_page.keyboard.press(key)
    admin_page.keyboard.press("Enter")
    shows(admin_page, "^K^P?/j^F")
    expect(admin_page.locator("dialog[open]")).to_have_count(0)
    admin_page.keyboard.press("Control+c")
    shows(admin_page, "^C/ #")
    run(admin_page, "echo back at the pro''mpt")
    shows(admin_page, "back at the prompt")


def test_utf8_colours_and_wide_letters(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, r"clear; printf '\033[31mrot\033[0m gr\303\274n \347\214\253 \360\237\220\263\n'")
    shows(admin_page, "rot grün 猫 🐳")
    expect(screen(admin_page).locator(".xterm-fg-1", has_text="rot").first).to_be_visible()


def test_an_input_method_composes(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "cat")
    chromium = admin_page.context.new_cdp_session(admin_page)
    composing = {"text": "にほん", "selectionStart": 3, "selectionEnd": 3}
    chromium.send("Input.imeSetComposition", composing)
    expect(admin_page.locator(".composition-view.active")).to_have_text("にほん")
    chromium.send("Input.insertText", {"text": "日本"})
    shows(admin_page, "日本")
    admin_page.keyboard.press("Enter")
    shows(admin_page, "日本日本")


def test_typing_goes_through_beside_floods(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "head -c 100000000 /dev/zero | tr '\\0' 'x' | fold > /tmp/100M; clear; echo '>>>'")
    shows(admin_page, ">>>", timeout=30_000)
    for command in ("yes", "while :; do cat /tmp/100M; done", "top -d 0"):
        admin_page.get_by_role("button", name="Split").click()
        shows(admin_page, "#", index=admin_page.locator(".pane").count() - 1)
        run(admin_page, command)
    quiet = pane(admin_page, 0)
    quiet.locator(".xterm-screen").click()
    for letter in "abcdefghijklmnopqrst":
        admin_page.keyboard.type(letter)
        admin_page.wait_for_function(
            "letter => document.querySelector('.pane .xterm-rows').textContent.includes(letter)", arg=letter
        )
    screenshot(admin_page, "terminal-floods")


def test_a_paste_arrives_whole(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "cat > /tmp/pasted; wc -lc < /tmp/pasted")
    text = "".join(f"line {number} äöü\n" for number in range(2_000))
    admin_page.evaluate(
        """text => {
            const data = new DataTransfer(); data.setData('text/plain', text);
            const at = document.querySelector('.xterm-helper-textarea');
            const how = {clipboardData: data, bubbles: true, cancelable: true};
            at.dispatchEvent(new ClipboardEvent('paste', how));
        }""",
        text,
    )
    # Keys come in order, and the count tells that everything did. The echo would not: a tty that is behind
    # with it may keep its end back until the next key.
    admin_page.keyboard.press("Control+d")
    shows(admin_page, f"2000 {len(text.encode())}")


def test_ctrl_c_stops_a_flood(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "yes")
    shows(admin_page, "y" * 10)
    admin_page.keyboard.press("Control+c")
    shows(admin_page, "^C")
    run(admin_page, "clear; echo still here")
    shows(admin_page, "still here")


def test_several_sessions_in_tabs_and_side_by_side(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "NAME=first")
    admin_page.get_by_role("button", name="New session").click()
    expect(admin_page.get_by_role("tab")).to_have_count(2)
    shows(admin_page, "#")
    admin_page.get_by_role("button", name="Split").click()
    expect(admin_page.locator(".pane:visible")).to_have_count(2)
    shows(admin_page, "#", index=1)
    run(admin_page, "echo on the ri''ght; stty size")
    shows(admin_page, "on the right", index=1)
    rows, cols = size_shown(admin_page)
    shows(admin_page, f"{rows} {cols}", index=1)
    screenshot(admin_page, "terminal-split")
    admin_page.get_by_role("tab").first.click()
    expect(admin_page.locator(".pane:visible")).to_have_count(1)
    run(admin_page, "echo I am $NAME")
    shows(admin_page, "I am first")


def test_a_reload_comes_back_to_the_same_session(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "KEPT=yes; echo before the re''load")
    shows(admin_page, "before the reload")
    admin_page.reload()
    shows(admin_page, "before the reload")
    run(admin_page, "echo kept: $KEPT")
    shows(admin_page, "kept: yes")
    assert screen(admin_page).inner_text().count("before the reload") == 1


def test_a_reload_in_vi_comes_back_to_vi(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "vi /tmp/kept")
    shows(admin_page, "/tmp/kept")
    admin_page.keyboard.type("iunsaved words")
    shows(admin_page, "unsaved words")
    admin_page.reload()
    shows(admin_page, "unsaved words")
    admin_page.keyboard.type(" and more")
    shows(admin_page, "unsaved words and more")


def test_a_dropped_connection_comes_back_to_the_same_session(admin_page: Page, container: str) -> None:
    admin_page.add_init_script(
        """window.sockets = []; const Real = WebSocket;
        window.WebSocket = class extends Real {
            constructor(...a) { super(...a); window.sockets.push(this); }
        };"""
    )
    open_terminal(admin_page, container)
    run(admin_page, "KEPT=yes; (sleep 0.3; echo mean''while) &")
    shows(admin_page, "KEPT=yes")
    admin_page.evaluate("() => window.sockets.at(-1).close()")
    shows(admin_page, "meanwhile")
    run(admin_page, "echo kept: $KEPT")
    shows(admin_page, "kept: yes")
    assert admin_page.evaluate("() => window.sockets.length") > 1


def test_the_exit_code_is_shown_and_it_starts_again(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "exit 42")
    note = admin_page.locator(".term-note:visible")
    expect(note).to_contain_text("Exited with code 42")
    expect(admin_page.locator(".term .logfoot")).to_contain_text("Exit 42")
    screenshot(admin_page, "terminal-exited")
    assert_accessible(admin_page)
    note.get_by_role("button", name="Start again").click()
    expect(note).to_have_count(0)
    run(admin_page, "echo ali''ve")
    shows(admin_page, "alive")
    run(admin_page, "exit 1")
    expect(note).to_contain_text("Exited with code 1")
    admin_page.keyboard.press("Enter")
    expect(admin_page.locator(".term .logfoot")).to_contain_text("Connected")


def new_session(page: Page) -> Locator:
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="New session with…").click()
    dialog = page.get_by_role("dialog", name="New session")
    expect(dialog).to_be_visible()
    return dialog


def command_field(dialog: Locator) -> Locator:
    return dialog.get_by_role("textbox", name=re.compile("^Command"))


def test_a_command_with_user_folder_and_environment(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    dialog = new_session(admin_page)
    assert_accessible(admin_page)
    screenshot(admin_page, "terminal-new-session")
    command_field(dialog).fill('sh -c \'echo "$GREETING from $(id -u) in $(pwd)"; sleep 100')
    dialog.get_by_role("button", name="Start").click()
    expect(dialog.get_by_role("alert")).to_have_text("A ' is not closed.")
    command_field(dialog).fill("sh -c 'echo \"$GREETING from $(id -u) in $(pwd)\"; sleep 100'")
    dialog.get_by_label("User").fill("1000")
    dialog.get_by_label("Working directory").fill("/tmp")
    dialog.get_by_label("Environment").fill("GREETING=hallo\n")
    dialog.get_by_role("button", name="Start").click()
    shows(admin_page, "hallo from 1000 in /tmp")
    expect(admin_page.locator(".term .logfoot")).to_contain_text("user 1000")


def test_without_a_tty_errors_are_red_and_input_is_sent_by_line(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    dialog = new_session(admin_page)
    command_field(dialog).fill("sh -c 'echo out; echo err >&2; sort'")
    dialog.get_by_label("With a terminal").uncheck()
    dialog.get_by_role("button", name="Start").click()
    expect(screen(admin_page).locator(".xterm-fg-1", has_text="err")).to_be_visible()
    line = pane(admin_page).get_by_label("Standard input")
    for word in ("pear", "apple"):
        line.fill(word)
        line.press("Enter")
    screenshot(admin_page, "terminal-without-tty")
    pane(admin_page).get_by_role("button", name="End of input").click()
    shows(admin_page, "applepear")
    expect(admin_page.locator(".term-note:visible")).to_contain_text("Exited with code 0")


def test_a_missing_program_is_said_in_words(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    dialog = new_session(admin_page)
    command_field(dialog).fill("nonesuch --flag")
    dialog.get_by_role("button", name="Start").click()
    expect(admin_page.locator(".term-note:visible")).to_contain_text(
        "“nonesuch” was not found in the container."
    )


def test_attach_and_detach(admin_page: Page, make_container: MakeContainer, engine: Engine) -> None:
    container = make_container("sh", tty=True, OpenStdin=True)
    open_terminal(admin_page, container)
    dialog = new_session(admin_page)
    dialog.get_by_label("Attach to the main process").check()
    dialog.get_by_label("Detach keys").fill("ctrl-é")
    dialog.get_by_role("button", name="Start").click()
    expect(admin_page.locator(".term-note:visible")).to_contain_text("Detach keys are")
    admin_page.get_by_role("button", name="Close", exact=True).click()
    dialog = new_session(admin_page)
    dialog.get_by_label("Attach to the main process").check()
    dialog.get_by_label("Detach keys").fill("ctrl-x,x")
    dialog.get_by_role("button", name="Start").click()
    expect(admin_page.get_by_role("tab", selected=True)).to_contain_text("attached")
    run(admin_page, "echo I am $$")
    shows(admin_page, "I am")
    admin_page.keyboard.press("Control+x")
    admin_page.keyboard.press("x")
    expect(admin_page.locator(".term-note:visible")).to_contain_text("Detached; the container goes on.")
    assert engine.container_inspect(container)["State"]["Running"]


def test_attach_through_the_engines_websocket(
    admin_page: Page, make_container: MakeContainer, engine: Engine
) -> None:
    container = make_container(
        "sh", "-c", "echo out; echo err >&2; read line; echo got $line; exit 4", OpenStdin=True
    )
    open_terminal(admin_page, container)
    dialog = new_session(admin_page)
    dialog.get_by_label("Attach to the main process").check()
    dialog.get_by_label("What was printed so far").check()
    if engine.server.is_podman:  # which has no such endpoint
        expect(dialog.get_by_text("Advanced")).to_have_count(0)
        return
    dialog.get_by_text("Advanced").click()
    dialog.get_by_label("websocket endpoint").check()
    assert_accessible(admin_page)
    dialog.get_by_role("button", name="Start").click()
    shows(admin_page, "err")
    admin_page.get_by_role("textbox", name="Standard input").fill("hello")
    admin_page.get_by_role("button", name="Send line").click()
    expect(admin_page.locator(".term-note:visible")).to_contain_text("Exited with code 4")
    shows(admin_page, "got hello")


def test_search_finds_and_counts(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "clear; seq 1 200")
    shows(admin_page, "200")
    admin_page.keyboard.press("Control+Shift+F")
    field = admin_page.get_by_label("Find in the terminal")
    expect(field).to_be_focused()
    field.fill("17")
    expect(admin_page.locator(".term-search .hits")).to_have_text(re.compile(r"\d+ of 12"))
    field.press("Enter")
    screenshot(admin_page, "terminal-search")
    field.press("Escape")
    run(admin_page, "echo focus is ba''ck")
    shows(admin_page, "focus is back")


def test_a_program_cannot_reach_title_clipboard_or_script(admin_page: Page, container: str) -> None:
    admin_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_terminal(admin_page, container)
    title = admin_page.title()
    admin_page.evaluate("() => navigator.clipboard.writeText('mine')")
    run(
        admin_page,
        r"printf '\033]0;owned\007\033]52;c;?\007\033]52;c;ZXZpbAo=\007'; echo '<img src=x>' do''ne",
    )
    shows(admin_page, "<img src=x> done")
    assert admin_page.title() == title
    assert admin_page.evaluate("() => navigator.clipboard.readText()") == "mine"
    offer = admin_page.locator(".term-note:visible")
    expect(offer).to_contain_text("evil↵")
    offer.get_by_role("button", name="Copy").click()
    expect(offer).to_have_count(0)
    admin_page.wait_for_function("async () => await navigator.clipboard.readText() === 'evil\\n'")


def test_links_ask_first_and_only_the_web_opens(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    link = r"\033]8;;javascript:alert(1)\033\\click\033]8;;\033\\"
    run(admin_page, rf"clear; printf '{link} https://example.invalid/page\n'")
    shows(admin_page, "click https://example.invalid/page")
    box = screen(admin_page).locator("div", has_text="example.invalid").last.bounding_box()
    assert box
    cell = (
        admin_page.evaluate("() => document.querySelector('.xterm-screen').clientWidth")
        / size_shown(admin_page)[1]
    )
    middle = box["y"] + box["height"] / 2
    admin_page.mouse.move(box["x"] + 2 * cell, middle)
    admin_page.mouse.click(box["x"] + 2 * cell, middle)
    expect(admin_page.locator("dialog[open]")).to_have_count(0)
    admin_page.mouse.move(box["x"] + 15 * cell, middle)
    admin_page.mouse.click(box["x"] + 15 * cell, middle)
    dialog = admin_page.get_by_role("dialog", name="Open this address?")
    expect(dialog).to_contain_text("https://example.invalid/page")
    with admin_page.context.expect_page() as popup:
        dialog.get_by_role("button", name="Open").click()
    assert popup.value.evaluate("() => window.opener") is None


def test_closing_a_session_whose_process_stays_says_so(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    run(admin_page, "trap '' INT HUP; while :; do sleep 1 || :; done")
    shows(admin_page, "while")
    admin_page.get_by_role("button", name="More", exact=True).click()
    admin_page.get_by_role("menuitem", name="Close session").click()
    expect(admin_page.locator(".toast")).to_contain_text("goes on in shop-api-")
    expect(admin_page.get_by_role("button", name="Open a terminal")).to_be_visible()
    assert_accessible(admin_page)


def test_stopping_and_pausing_the_container_is_said(admin_page: Page, container: str, engine: Engine) -> None:
    open_terminal(admin_page, container)
    engine.container_pause(container)
    expect(admin_page.locator(".term-note:visible")).to_contain_text("The container is paused")
    engine.container_unpause(container)
    expect(admin_page.locator(".term-note:visible")).to_have_count(0)
    engine.container_kill(container)
    expect(admin_page.locator(".term-note:visible")).to_contain_text("The container stopped.")


def test_a_stopped_container_offers_no_shell(admin_page: Page, make_container: MakeContainer) -> None:
    container = make_container(start=False)
    admin_page.goto(f"/containers/{container}/terminal/")
    expect(admin_page.locator(".term")).to_contain_text("The container is not running")
    admin_page.get_by_role("button", name="Open a terminal").click()
    expect(admin_page.locator(".term-note:visible")).to_contain_text("not running")


def test_logout_closes_the_terminal_and_ends_the_process(
    new_page: Callable[..., Page], admin_state: Any, container: str, engine: Engine
) -> None:
    page = new_page()
    login(page)
    open_terminal(page, container)
    run(page, "exec sleep 4321")
    other = page.context.new_page()
    other.goto("/containers/")
    # Not within the call: the page that it would answer from is left by it.
    other.evaluate("() => void setTimeout(() => document.getElementById('logout-form').requestSubmit())")
    page.wait_for_url("**/login**", timeout=5_000)
    other.wait_for_url("**/login**")  # a window that is closed on its way can stay for ever

    def sleeping() -> bool:
        return any("4321" in " ".join(process) for process in engine.container_top(container)["Processes"])

    from tests.support.waiting import wait_until

    wait_until(lambda: not sleeping(), timeout=5)


def test_on_a_phone_there_are_the_keys_that_it_lacks(
    new_page: Callable[..., Page], admin_state: Any, container: str
) -> None:
    page = new_page(storage_state=admin_state, viewport=SIZES["390"], has_touch=True, is_mobile=True)
    open_terminal(page, container)
    keys = page.get_by_role("toolbar", name="Keys")
    expect(keys).to_be_visible()
    run(page, "cat -v")
    keys.get_by_role("button", name="Ctrl").tap()
    page.keyboard.type("g")
    keys.get_by_role("button", name="Esc").tap()
    keys.get_by_role("button", name="Up").tap()
    page.keyboard.press("Enter")
    shows(page, "^G^[^[[A")
    screenshot(page, "terminal-phone")
    assert_accessible(page)


def test_the_page_is_accessible(admin_page: Page, container: str) -> None:
    open_terminal(admin_page, container)
    for scheme in ("light", "dark"):
        admin_page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert_accessible(admin_page)
        screenshot(admin_page, f"terminal-{scheme}-1440")
