"""Whether everybody can use a page: what axe finds, and what is wider than the window."""

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def obstacles(page, name, widths):
    """What stands in somebody's way on the page as it is now, at each of these widths; {} if nothing does.

    The last width stays. A page is asked at several widths as it stands, because the way to it takes longer.
    """
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        violations = Axe().run(page, options=RULES).response["violations"]
        found |= {f"{name}, {width}: {each['id']}": each["nodes"][0]["html"][:200] for each in violations}
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            found[f"{name}, {width}: {beyond} px too wide"] = page.url
    return found
