"""axe-core's look at a page: what hinders those who hear a page, speak to it, use keys alone or see little."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# What axe finds and we cannot mend: the rule, where it is found, and whose that is.
NOT_OURS = (
    ("presentation-role-conflict", '[data-testid="stFileUploaderDropzone"]', "Streamlit's file uploader"),
)
_EVERYTHING = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # experimental; a person who speaks needs it
}
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
_FIND = """async ([notOurs, options]) => {
  const { violations } = await axe.run(document, { elementRef: true, resultTypes: ["violations"], ...options });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ element, html, failureSummary }) => ({
    row: notOurs.findIndex(([rule, selector]) => rule === id && element.closest(selector)),
    words: `${id}: ${html.slice(0, 300)} ${failureSummary}`,
  })));
}"""


def expect_no_fault_of_ours(page: Page, *, colours_alone: bool = False) -> set[int]:
    """The page, as it stands, hinders nobody by our fault.

    Args:
        page: in a browser.
        colours_alone: of a page that was looked at before and has changed its theme since: all else is as it was.

    Returns:
        The rows of `NOT_OURS` that were found.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_FIND, [NOT_OURS, _COLOURS if colours_alone else _EVERYTHING])
    assert [hit["words"] for hit in found if hit["row"] == -1] == [], page.url
    return {hit["row"] for hit in found}
