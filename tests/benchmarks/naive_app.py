"""The plain way to build the page step: a Flask-WTF form with a field per question, an ORM row per answer.

Nothing is made slow on purpose; it is what the tutorials of the three libraries add up to. Ten radio questions as on
the criteria step, saved with their page or one by one, and the same durable settings of SQLite.

Run: python naive_app.py PORT FOLDER SERVER
"""

import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, redirect, render_template_string, request, session, url_for
from flask_wtf import FlaskForm
from serving import serve
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from wtforms import HiddenField, RadioField, SelectChoice
from wtforms.validators import InputRequired

from instruments import Mode, load

ITEMS = ("NEED", "FIT", "EFF", "ACC", "LEAD", "SKILL", "PART", "SUST", "COST", "LEGAL")
PAGES = 6
TEMPLATE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Practice {{ page }}</title></head>
<body><header>Replicability Survey</header><main><p>Practice {{ page }} of {{ pages }}</p>
<article><h1>A good practice</h1><p>{{ summary }}</p></article>
<form method="post">{{ form.hidden_tag() }}
{% for name, errors in form.errors.items() %}<p>{{ name }}: {{ errors[0] }}</p>{% endfor %}
{% for field in form if field.type == "RadioField" %}
<fieldset><legend>{{ field.label.text }}</legend>
{% for option in field %}<label>{{ option() }} {{ option.label.text }}</label>{% endfor %}
{% for error in field.errors %}<p>{{ error }}</p>{% endfor %}</fieldset>
{% endfor %}
<button>Next</button></form></main></body></html>"""
SUMMARY = "What was done there, by whom and for whom, in about ninety words. " * 8


class Base(DeclarativeBase):
    pass


class Interview(Base):
    __tablename__ = "interview"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    answers: Mapped[list["Answer"]] = relationship(back_populates="interview")


class Answer(Base):
    __tablename__ = "answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id"), index=True)
    page: Mapped[int] = mapped_column(index=True)
    question: Mapped[str]
    value: Mapped[str]
    changed_at: Mapped[datetime]
    interview: Mapped[Interview] = relationship(back_populates="answers")


def make_form() -> type[FlaskForm]:
    instrument = load("replicability", 1)
    fields = {"base_revision": HiddenField()}
    for item in ITEMS:
        question = instrument.questions[item]
        wording = instrument.wording(question, language="en", mode=Mode.WEB, variant="rq10")
        choices = [SelectChoice(str(option.code), instrument.text(option.text, "en")) for option in question.options]
        choices += [SelectChoice("88", "Don't know"), SelectChoice("99", "Not applicable")]
        fields[item] = RadioField(wording, choices=choices, validators=[InputRequired()])
    return type("CriteriaForm", (FlaskForm,), fields)


def make_form_of_one(item: str) -> type[FlaskForm]:
    """A form for one answer, which a script sends on its own."""
    return type("AnswerForm", (FlaskForm,), {item: getattr(make_form(), item)})


def make_app(folder: Path) -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY=secrets.token_hex(32), WTF_CSRF_TIME_LIMIT=None)
    engine = create_engine(f"sqlite:///{folder / 'naive.db'}")

    @event.listens_for(engine, "connect")
    def settings(connection, _record):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=5000")

    Base.metadata.create_all(engine)
    form_class = make_form()
    forms_of_one = {item: make_form_of_one(item) for item in ITEMS}

    @app.get("/start")
    def start():
        with Session(engine) as db:
            interview = Interview(token=secrets.token_urlsafe(32))
            db.add(interview)
            db.commit()
            session["token"] = interview.token
        return redirect(url_for("page", number=1), 303)

    @app.route("/page/<int:number>", methods=["GET", "POST"])
    def page(number):
        with Session(engine) as db:
            interview = db.scalars(select(Interview).where(Interview.token == session["token"])).one()
            stored = {answer.question: answer for answer in interview.answers if answer.page == number}
            form = form_class(data={name: answer.value for name, answer in stored.items()})
            if request.method == "POST" and form.validate():
                for name in ITEMS:
                    if name in stored:
                        stored[name].value = form[name].data
                        stored[name].changed_at = datetime.now(UTC)
                    else:
                        answer = Answer(page=number, question=name, value=form[name].data, changed_at=datetime.now(UTC))
                        interview.answers.append(answer)
                db.commit()
                return redirect(url_for("page", number=number % PAGES + 1), 303)
            return render_template_string(TEMPLATE, form=form, page=number, pages=PAGES, summary=SUMMARY)

    @app.post("/page/<int:number>/answer")
    def answer(number):
        question = request.form["question"]
        form = forms_of_one[question]()
        if not form.validate():
            return form.errors, 422
        with Session(engine) as db:
            interview = db.scalars(select(Interview).where(Interview.token == session["token"])).one()
            wanted = {"interview_id": interview.id, "page": number, "question": question}
            stored = db.scalars(select(Answer).filter_by(**wanted)).one_or_none()
            if stored is None:
                stored = Answer(**wanted)
                db.add(stored)
            stored.value, stored.changed_at = form[question].data, datetime.now(UTC)
            saved_at = stored.changed_at
            db.commit()
        return {"saved_at": saved_at.isoformat()}

    return app


if __name__ == "__main__":
    serve(make_app(Path(sys.argv[2])), int(sys.argv[1]), sys.argv[3])
