"""A test client that looks at every page it gets: headers, redirects, and HTML that everybody can use."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from flask.testing import FlaskClient

from survey.web.headers import REFERRER_OF_LINKS, SECURITY_HEADERS

TOKEN = re.compile(r"/[\w-]{43}(/|$)")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Shapes of SVG close themselves.
VOID_SHAPES = {"circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "stop", "use"}
REDIRECTS = {301, 302, 303, 307, 308}
UNLABELLED = {"hidden", "submit", "button"}


def wrong_headers(answer):
    """What an answer does not say to browsers as it should. A token in its address may not travel on."""
    expected = dict(SECURITY_HEADERS)
    policy = answer.headers.get("Referrer-Policy")
    if policy == REFERRER_OF_LINKS or TOKEN.search(answer.request.path):
        expected["Referrer-Policy"] = REFERRER_OF_LINKS
    return [
        f"header {name}: {answer.headers.get(name)!r}"
        for name, value in expected.items()
        if answer.headers.get(name) != value
    ]


class BadPageError(AssertionError):
    """A page that no visitor should get; the message lists everything that is wrong with it."""


@dataclass
class Field:
    """A control of a form as a browser would send it."""

    tag: str
    name: str | None
    type: str
    value: str
    is_checked: bool
    form: str | None
    id: str | None
    in_label: bool
    attributes: dict[str, str | None]


@dataclass
class Form:
    """A form with its controls, wherever they stand on the page."""

    id: str | None
    method: str
    action: str | None
    fields: list[Field] = field(default_factory=list)

    def data(self, **changes):
        """What a browser sends when nothing but `changes` is touched. A value of None leaves a field out.

        A list gives several values (check boxes). Buttons are sent only when named in `changes`.
        """
        sent = {}
        for each in self.fields:
            if not each.name or each.tag == "button" or each.type in {"submit", "button"}:
                continue
            if each.type in {"radio", "checkbox"} and not each.is_checked:
                continue
            sent.setdefault(each.name, []).append(each.value)
        for name, value in changes.items():
            if value is None:
                sent.pop(name, None)
            else:
                sent[name] = list(value) if isinstance(value, (list, tuple)) else [str(value)]
        return sent

    def names(self):
        return {each.name for each in self.fields if each.name}

    def values(self, name):
        """What can be chosen for a name."""
        return [each.value for each in self.fields if each.name == name]

    def chosen(self, name):
        return [each.value for each in self.fields if each.name == name and (each.is_checked or each.tag == "textarea")]


class Page(HTMLParser):
    """An HTML page taken apart: text, headings, forms, links, and everything that is wrong with it."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.problems = []
        self.text = []
        self.headings = []
        self.title = ""
        self.language = None
        self.ids = {}
        self.links = []
        self.forms = []
        self.references = []
        self.label_for = set()
        self._open = []
        self._loose = []
        self._in_heading = self._in_title = False
        self._textarea = None
        self.feed(html)
        self.close()
        self._check()

    @property
    def words(self):
        return re.sub(r"\s+", " ", " ".join(self.text)).strip()

    @property
    def h1(self):
        return next((text for level, text in self.headings if level == 1), "")

    def form(self, form_id=None):
        """The form with this id, or the only one; for a page with several, the last."""
        found = [form for form in self.forms if form_id is None or form.id == form_id]
        if not found:
            raise BadPageError(f"there is no form {form_id or ''} on the page {self.h1!r}")
        return found[-1]

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        in_svg = "svg" in self._open
        if tag not in VOID and not (in_svg and tag in VOID_SHAPES):
            self._open.append(tag)
        self._note(tag, values)

    def handle_startendtag(self, tag, attributes):
        self._note(tag, dict(attributes))

    def handle_endtag(self, tag):
        if tag in VOID or ("svg" in self._open and tag in VOID_SHAPES):
            return
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> closes <{self._open[-1] if self._open else 'nothing'}>")
            if tag in self._open:
                while self._open.pop() != tag:
                    pass
            return
        self._open.pop()
        self._in_heading = self._in_heading and tag not in {"h1", "h2", "h3", "h4"}
        self._in_title = self._in_title and tag != "title"
        if tag == "textarea":
            self._textarea = None

    def handle_data(self, data):
        if self._in_title:
            self.title += data
            return
        if self._textarea is not None:
            # The first line feed of a text area is not part of it.
            self._textarea.value += data.removeprefix("\n") if not self._textarea.value else data
            return
        self.text.append(data)
        if self._in_heading:
            level, text = self.headings[-1]
            self.headings[-1] = level, text + data

    def _note(self, tag, values):
        self._note_what_is_forbidden(tag, values)
        if values.get("id"):
            self.ids[values["id"]] = self.ids.get(values["id"], 0) + 1
        for name in ("aria-labelledby", "aria-describedby", "for", "form"):
            self.references += [(name, each) for each in (values.get(name) or "").split()]
        if tag == "label" and values.get("for"):
            self.label_for.add(values["for"])
        elif tag == "form":
            self.forms.append(Form(values.get("id"), values.get("method", "get"), values.get("action")))
        elif tag in {"input", "select", "textarea", "button"}:
            self._control(tag, values)
        else:
            self._note_text(tag, values)

    def _note_what_is_forbidden(self, tag, values):
        if "style" in values:
            self.problems.append(f"<{tag}> has an inline style")
        self.problems += [f"<{tag}> has an inline script: {name}" for name in values if name.startswith("on")]
        if tag == "style" and "svg" not in self._open:
            self.problems.append("a <style> in the page")
        if tag == "script" and not values.get("src"):
            self.problems.append("a <script> in the page")

    def _note_text(self, tag, values):
        if tag == "html":
            self.language = values.get("lang")
        elif tag == "title" and "svg" not in self._open:
            self._in_title = True
        elif tag in {"h1", "h2", "h3", "h4"}:
            self._in_heading = True
            self.headings.append((int(tag[1]), ""))
        elif tag == "a" and values.get("href"):
            self.links.append(values["href"])

    def _control(self, tag, values):
        control = Field(
            tag=tag,
            name=values.get("name"),
            type=values.get("type", "text" if tag == "input" else ""),
            value=values.get("value") or ("on" if values.get("type") == "checkbox" else ""),
            is_checked="checked" in values,
            form=values.get("form"),
            id=values.get("id"),
            in_label="label" in self._open,
            attributes=values,
        )
        if control.form is None and "form" in self._open:
            self.forms[-1].fields.append(control)
        else:
            self._loose.append(control)
        if tag == "textarea":
            self._textarea = control

    def _check(self):
        for control in self._loose:
            for form in self.forms:
                if control.form is not None and form.id == control.form:
                    form.fields.append(control)
        self._check_outline()
        self._check_forms()
        self.problems += [f"id {name!r} stands {count} times" for name, count in self.ids.items() if count > 1]
        self.problems += [
            f"{name}={target!r} points nowhere" for name, target in self.references if target not in self.ids
        ]
        self.problems += [
            f"#{link[1:]} leads nowhere" for link in self.links if link.startswith("#") and link[1:] not in self.ids
        ]

    def _check_outline(self):
        if self._open:
            self.problems.append(f"left open: {', '.join(self._open)}")
        if sum(level == 1 for level, _ in self.headings) != 1:
            self.problems.append(f"{sum(level == 1 for level, _ in self.headings)} h1")
        self.problems += [f"an empty heading h{level}" for level, text in self.headings if not text.strip()]
        levels = [level for level, _ in self.headings]
        self.problems += [f"h{b} after h{a}" for a, b in zip([1, *levels], levels, strict=False) if b > a + 1]
        if not self.title.strip():
            self.problems.append("no <title>")
        if not self.language:
            self.problems.append("no lang")

    def _check_forms(self):
        for form in self.forms:
            if form.method.lower() == "post" and "csrf_token" not in form.names():
                self.problems.append(f"a form to {form.action} without csrf_token")
        controls = [*self._loose, *(each for form in self.forms for each in form.fields)]
        for control in controls:
            labelled = control.in_label or control.id in self.label_for or control.attributes.get("aria-label")
            if control.tag != "button" and control.type not in UNLABELLED and not labelled:
                self.problems.append(f"{control.tag} {control.name!r} has no label")


class PageClient(FlaskClient):
    """Every HTML answer is checked; `page` is the last one, taken apart."""

    page: Page | None = None
    address: str = "/"

    def open(self, *args, **kwargs):
        answer = super().open(*args, **kwargs)
        problems = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
        problems += wrong_headers(answer)
        if answer.status_code in REDIRECTS and answer.status_code not in {303, 308}:
            problems.append(f"redirect with {answer.status_code}")
        self.address = answer.request.full_path.rstrip("?")
        if answer.mimetype == "text/html" and answer.status_code not in REDIRECTS and answer.get_data():
            self.page = Page(answer.get_data(as_text=True))
            problems += self.page.problems
            if answer.headers.get("Cache-Control") != "no-store":
                problems.append("the page may be stored")
        if problems:
            raise BadPageError(f"{answer.request.method} {self.address}: " + "; ".join(problems))
        return answer

    def send(self, form_id=None, *, follow=True, **changes):
        """Send a form of the last page as a browser would, with some fields changed."""
        form = self.page.form(form_id)
        action = form.action or self.address
        body = urlencode(form.data(**changes), doseq=True)
        return self.post(action, data=body, content_type="application/x-www-form-urlencoded", follow_redirects=follow)
