"""What a reader does on a page, by the names and words they see. Here an apostrophe is what keyboards have."""

from playwright.sync_api import Page, expect

# Longer than a page waits between two looks, also when it could not reach its house for a while.
expect.set_options(timeout=45_000)
STILL_MS = 1000
"""So long after a change a page takes presses again."""


def seen(words: str) -> str:
    """*words* as the pages write them."""
    return words.replace("'", "\u2019")


def press(page: Page, name: str) -> None:
    """Press the first button called *name*; once more if the page says that it changed under the finger."""
    button = page.get_by_role("button", name=seen(name)).first
    button.click()
    if "changed just as you pressed" in page.locator("#sayings").inner_text():
        page.wait_for_timeout(STILL_MS)
        button.click()


def headline(page: Page, words: str) -> None:
    """The page comes to say so, by itself or not."""
    expect(page.get_by_role("heading", level=1)).to_have_text(seen(words))


def shows(page: Page, words: str) -> None:
    """The page comes to show *words* somewhere."""
    expect(page.get_by_text(seen(words)).first).to_be_visible()
