"""Photographs every page into pictures/, at three widths, in the dark, on paper and in long languages.

python tests/pages/pictures.py [folder]
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from live import browsing, chromium, world  # noqa: E402 (the path is set above)
from tour import tour  # noqa: E402 (as above)

SIGHTS = (
    # name of the folder, width, height, language, scheme, media
    ("320", 320, 800, "en", "light", "screen"),
    ("768", 768, 1024, "en", "light", "screen"),
    ("1280", 1280, 900, "en", "light", "screen"),
    ("1280-dark", 1280, 900, "en", "dark", "screen"),
    ("320-it", 320, 800, "it", "light", "screen"),
    ("320-de", 320, 800, "de", "light", "screen"),
    ("print", 760, 1075, "en", "light", "print"),
)


def photograph(folder, sights=SIGHTS):
    """Every page of the tour at every sight; gives how many pictures were taken."""
    taken = 0
    with world() as made, browsing() as browser:
        for name, width, height, language, scheme, media in sights:
            place = folder / name
            place.mkdir(parents=True, exist_ok=True)
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            for number, sight in enumerate(tour(page, made, language=language), 1):
                page.evaluate("window.scrollTo(0, 0)")
                # Only for the picture: what paper leaves out could not be pressed.
                page.emulate_media(media=media)
                page.screenshot(path=place / f"{number:02}-{sight}.png", full_page=True)
                page.emulate_media(media="screen")
                taken += 1
            context.close()
    return taken


if __name__ == "__main__":
    if chromium() is None:
        sys.exit("No Chromium on this machine: install it, or name it in CHROMIUM.")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "pictures"
    sys.stdout.write(f"{photograph(target)} pictures in {target}\n")
