"""What a mail says, in the respondent's language: as text and as HTML that loads nothing and tells nobody.

Every value is encoded where it is put in, so that a name or a lead's own words can never become markup.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup, escape

from survey.models import MailKind, Study
from survey.services.duration import minutes
from survey.texts import Texts, on_offer, typographic, ui
from survey.texts.dates import short_date


@dataclass(frozen=True, slots=True)
class Content:
    """All that goes into a mail. name, own_words: "" leaves them out."""

    kind: MailKind
    language: str
    study: str
    owner: str
    practices: int
    closes_on: date | None
    contact: str
    name: str
    own_words: str
    link: str
    stop: str


@dataclass(frozen=True, slots=True)
class Words:
    """A mail as people read it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Kind:
    subject: str
    opening: str
    before_link: str
    button: str


_KINDS: Final = {
    MailKind.INVITATION: _Kind("invitation.subject", "invitation.text", "mail.link", "nav.start"),
    MailKind.REMINDER: _Kind("reminder.subject", "reminder.text", "mail.link_back", "nav.resume"),
    MailKind.RESUME: _Kind("resume.subject", "resume.mail", "mail.link_back", "nav.resume"),
}

# Mail programs read styles only where they stand. Text keeps the program's own colours, so that it can be read in the
# dark as well; the button brings both of its colours.
_PAGE: Final = Markup(
    '<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>{subject}</title></head>'
    '<body style="margin:0;padding:24px 16px;font-family:system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif;'
    'font-size:16px;line-height:1.55">'
    '<div style="max-width:36rem;margin:0 auto;overflow-wrap:anywhere">{parts}</div></body></html>\n'
)
_PARAGRAPH: Final = Markup('<p dir="auto" style="margin:0 0 16px">{}</p>')
_BUTTON: Final = Markup(
    '<p style="margin:0 0 16px"><a href="{link}" style="display:inline-block;padding:12px 22px;border-radius:3px;'
    'background:#0b4a5b;color:#ffffff;font-weight:600;text-decoration:none">{label}</a></p>'
)
_LINK: Final = Markup('<p style="margin:0 0 24px;font-size:14px"><a href="{link}" style="color:inherit">{link}</a></p>')
_FACT: Final = Markup('<p style="margin:0 0 12px"><strong>{label}</strong><br>{text}</p>')
_FOOT: Final = Markup(
    '<hr style="margin:24px 0 16px;border:0;border-top:1px solid #8a958f">'
    '<p style="margin:0;font-size:14px">{label}<br><a href="{stop}" style="color:inherit">{stop}</a></p>'
)


def content_of(study: Study, kind: MailKind, language: str, *, name: str, link: str, stop: str) -> Content:
    """What a study's mail of a kind says to somebody, in their language if the study is asked in it."""
    texts = {text.language: text for text in study.texts}
    spoken = on_offer(study.languages, language)
    english = texts["en"]
    text = texts.get(spoken, english)
    return Content(
        kind=kind,
        language=spoken,
        study=typographic(text.title or english.title),
        owner=typographic(text.owner or english.owner),
        practices=study.practices_per_web_interview,
        closes_on=study.closes_on,
        contact=study.contact_email,
        name=name,
        own_words=text.invitation if kind is MailKind.INVITATION else "",
        link=link,
        stop=stop,
    )


def words_of(content: Content) -> Words:
    """The mail in words."""
    t = ui(content.language)
    # A title with a line feed must not make two header lines.
    subject = " ".join(t(_KINDS[content.kind].subject, study=content.study).split())
    return Words(subject, _text(content, t), _html(content, t, subject))


def _opening(content: Content, t: Texts) -> list[str]:
    greeting = t("mail.greeting", name=content.name) if content.name else t("mail.greeting_all")
    own = [part.strip() for part in content.own_words.replace("\r\n", "\n").split("\n\n") if part.strip()]
    return [greeting, *own, t(_KINDS[content.kind].opening, study=content.study)]


def _facts(content: Content, t: Texts) -> list[tuple[str, str]]:
    facts = [(t("landing.who"), content.owner)]
    if content.kind is not MailKind.RESUME:
        facts.append((t("landing.duration"), t("landing.duration_text", minutes=minutes(content.practices))))
    if content.closes_on is not None:
        facts.append((t("landing.until"), short_date(content.closes_on, content.language)))
    return facts


def _text(content: Content, t: Texts) -> str:
    parts = [
        *_opening(content, t),
        f"{t(_KINDS[content.kind].before_link)}\n{content.link}",
        *(f"{label}\n{text}" for label, text in _facts(content, t)),
        t("mail.questions", contact=content.contact),
        t("mail.thanks"),
        f"-- \n{t('mail.stop')}\n{content.stop}",
    ]
    return "\n\n".join(parts) + "\n"


def _html(content: Content, t: Texts, subject: str) -> Markup:
    before, after = t.around("mail.questions", "contact")
    contact = Markup('{}<a href="mailto:{}" style="color:inherit">{}</a>{}').format(
        before, content.contact, content.contact, after
    )
    parts = [
        *(_PARAGRAPH.format(_with_breaks(part)) for part in _opening(content, t)),
        _PARAGRAPH.format(t(_KINDS[content.kind].before_link)),
        _BUTTON.format(link=content.link, label=t(_KINDS[content.kind].button)),
        _LINK.format(link=content.link),
        *(_FACT.format(label=label, text=text) for label, text in _facts(content, t)),
        _PARAGRAPH.format(contact),
        _PARAGRAPH.format(t("mail.thanks")),
        _FOOT.format(label=t("mail.stop"), stop=content.stop),
    ]
    return _PAGE.format(language=content.language, subject=subject, parts=Markup("\n").join(parts))


def _with_breaks(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))
