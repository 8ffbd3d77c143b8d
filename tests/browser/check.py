"""The pages of `pyshim report` in Chromium: they load, filter, sort, obey the keyboard, and ask nobody for anything.

    python check.py PAGES PICTURES CHROMIUM [--pictures]

With `--pictures` it only takes them.
"""

import shutil
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

PAGES, PICTURES, CHROMIUM = Path(sys.argv[1]).resolve(), Path(sys.argv[2]), shutil.which(sys.argv[3])
SIZE = {"width": 1360, "height": 850}
# What is kept to be looked at, in both schemes.
KEPT = ["index", "matrix", "structs", "struct-PyObject", "struct-pyshim_critical_section", "history", "wheels", "rules"]


class Watch:
    """A context of the browser in which whatever goes wrong is written down."""

    def __init__(self, browser, **options):
        self.wrong = []
        self.context = browser.new_context(viewport=SIZE, **options)
        self.context.on("request", self.request)
        self.context.on("console", self.console)
        self.context.on("weberror", lambda error: self.wrong.append(f"error: {error.error}"))

    def request(self, request):
        url = urlsplit(request.url)
        path = Path(unquote(url.path))
        if url.scheme != "file" or path.parent != PAGES:
            self.wrong.append(f"a request leaves the folder: {request.url}")

    def console(self, message):
        self.wrong.append(f"console: {message.type}: {message.text}")

    def open(self, name):
        page = self.context.new_page()
        page.goto((PAGES / f"{name}.html").as_uri())
        return page

    def close(self):
        self.context.close()
        assert not self.wrong, "\n".join(self.wrong)


def visible(page, table):
    """The first cell of each row that is shown, in order."""
    return page.locator(f"#{table} tbody tr:not([hidden]) th[scope=row]").all_inner_texts()


def pictures_are_taken(browser):
    for scheme in ("light", "dark"):
        watch = Watch(browser, color_scheme=scheme)
        for name in KEPT:
            page = watch.open(name)
            if name == "wheels":
                page.get_by_role("button", name="Worst").click(click_count=2)
                page.mouse.move(0, 0)
            page.screenshot(path=PICTURES / f"{name}-{scheme}.png")
        watch.close()


def every_page_loads(browser):
    names = sorted(path.stem for path in PAGES.glob("*.html"))
    assert len(names) > 20, names
    for scheme in ("light", "dark"):
        watch = Watch(browser, color_scheme=scheme)
        for name in names:
            page = watch.open(name)
            assert page.locator("h1").count() == 1, name
            wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} is {wide} pixels wider than the window"
            if name in KEPT:
                found = Axe().run(page)
                assert found.violations_count == 0, f"{name}, {scheme}: {found.generate_report()}"
            page.close()
        watch.close()


def a_phone_shows_them_too(browser):
    watch = Watch(browser, color_scheme="light")
    for name in KEPT:
        page = watch.open(name)
        page.set_viewport_size({"width": 390, "height": 800})
        wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} pixels wider than a phone"
        page.close()
    watch.close()


def rows_are_filtered(browser):
    watch = Watch(browser)
    page = watch.open("wheels")
    tools, said = page.get_by_role("form", name="Filter files"), page.get_by_role("status").first
    every = visible(page, "wheels")
    assert len(every) == 5 and said.inner_text() == "5 of 5 files"
    assert any("<img src=x onerror=alert(1)>&quot;" in name for name in every), every
    assert page.locator("img").count() == 0
    tools.get_by_role("searchbox").fill("GOOD 1.0")
    assert len(visible(page, "wheels")) == 3 and said.inner_text() == "3 of 5 files"
    tools.get_by_role("searchbox").fill("")
    tools.get_by_role("combobox", name="Level").select_option("break")
    broken = visible(page, "wheels")
    assert len(broken) == 2 and not any("good" in name for name in broken), broken
    page.goto((PAGES / "matrix.html").as_uri())
    page.get_by_role("combobox", name="API mode").select_option("abi3t")
    page.get_by_role("combobox", name="Family").select_option("critical_section")
    page.get_by_role("searchbox").fill("section2_begin")
    assert "pyshim_critical_section2_begin" in visible(page, "matrix")
    assert all("section2_begin" in name.lower() for name in visible(page, "matrix"))
    watch.close()


def rows_are_sorted_from_the_keyboard(browser):
    watch = Watch(browser)
    page = watch.open("wheels")
    header = page.locator("#wheels thead th").first
    header.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    good = [name for name in visible(page, "wheels") if name.startswith("good")]
    # Numbers in names are numbers.
    assert [name.split("-")[0] for name in good] == ["good2", "good9", "good10"], good
    before = visible(page, "wheels")
    page.keyboard.press("Space")
    assert header.get_attribute("aria-sort") == "descending"
    assert visible(page, "wheels") == before[::-1]
    worst = page.get_by_role("button", name="Worst")
    worst.press("Enter")
    assert header.get_attribute("aria-sort") == "none"
    words = page.locator("#wheels tbody tr td:nth-child(4)").all_inner_texts()
    assert words == ["clean"] * 3 + ["break"] * 2, words
    watch.close()


def the_keyboard_reaches_what_there_is(browser):
    watch = Watch(browser)
    page = watch.open("matrix")
    focused = "document.activeElement"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.textContent") == "Skip to content"
    assert page.evaluate(f"{focused}.getBoundingClientRect().left") >= 0, "the link is seen"
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.type") == "search"
    width = page.evaluate(f"getComputedStyle({focused}).outlineWidth")
    assert width == "2px", f"the focus is seen: {width}"
    region = page.get_by_role("region", name="Support matrix")
    region.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.querySelector('[role=region]').scrollTop > 0")
    watch.close()


def two_layouts_are_beside_each_other(browser):
    watch = Watch(browser)
    page = watch.open("struct-PyObject")
    shown = page.locator("#maps > section:not([hidden])")
    assert shown.count() == 1
    old, new = page.get_by_role("combobox").all()
    labels = old.locator("option").all_inner_texts()
    gil, free = labels.index("3.8 to 3.11"), next(n for n, label in enumerate(labels) if "t" in label.split()[0])
    old.select_option(str(gil))
    new.select_option(str(free))
    caption = shown.locator("caption").inner_text()
    assert labels[gil] in caption and labels[free] in caption, caption
    assert shown.count() == 1 and shown.locator("td.changed").count() > 0
    new.select_option(str(gil))
    assert shown.locator("td.changed").count() == 0, "the same beside itself is one"
    watch.close()


def nothing_needs_a_script(browser):
    watch = Watch(browser, java_script_enabled=False)
    page = watch.open("struct-PyObject")
    assert page.locator("form").filter(visible=True).count() == 0
    assert page.locator("#maps > section").filter(visible=True).count() > 1
    watch.close()


def what_is_not_in_the_page_does_not_run(browser):
    # Not watched, for the browser says in its console what it refuses.
    page = browser.new_page()
    failures = []
    page.on("requestfailed", lambda request: failures.append((urlsplit(request.url).hostname, request.failure)))
    page.goto((PAGES / "index.html").as_uri())
    refused = page.evaluate(
        """() => new Promise((done) => {
            const refused = [];
            document.addEventListener("securitypolicyviolation", (event) => {
                refused.push(event.effectiveDirective);
                if (refused.length === 2) done(refused);
            });
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            const image = document.createElement("img");
            image.src = "https://example.invalid/x.png";
            document.body.append(script, image);
        })"""
    )
    assert sorted(refused) == ["img-src", "script-src-elem"], refused
    assert page.evaluate("window.ran") is None
    assert failures == [("example.invalid", "csp")], failures
    page.close()


CHECKS = [
    pictures_are_taken,
    every_page_loads,
    a_phone_shows_them_too,
    rows_are_filtered,
    rows_are_sorted_from_the_keyboard,
    the_keyboard_reaches_what_there_is,
    two_layouts_are_beside_each_other,
    nothing_needs_a_script,
    what_is_not_in_the_page_does_not_run,
]


def main():
    PICTURES.mkdir(parents=True, exist_ok=True)
    checks = CHECKS[:1] if sys.argv[4:] == ["--pictures"] else CHECKS
    failed = 0
    with sync_playwright() as playwright:
        # Root has no sandbox, and the pages are ours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for check in checks:
            try:
                check(browser)
                print(f"ok      {check.__name__}")
            except Exception as error:
                failed += 1
                print(f"FAILED  {check.__name__}: {error}")
        browser.close()
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
