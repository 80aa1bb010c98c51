"""python -m instruments check | show | digest [FILE-or-KEY]: look at a questionnaire from a terminal."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from instruments.loading import load_folder
from instruments.model import Instrument, Mode, Question
from instruments.registry import NotPublishedError, load, load_all, load_checked, published
from instruments.sources import InstrumentError

DESCRIPTION = """\
Look at a questionnaire. FILE-or-KEY is a folder with instrument.yaml, scoring.yaml and texts.csv (or one of
these files), or the name of a published questionnaire: replicability, replicability/v1.

  check    say what is wrong with it, everything at once, with file, line and key, and whether a published version
           is still what was published; without FILE-or-KEY, of every published questionnaire
  show     print what is asked, step by step, with codes
  digest   print the fingerprint by which a published version is known

Exit code: 0 all is well; 1 the questionnaire has problems (on stderr); 2 the command could not be understood
or there is no such questionnaire."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 or 2."""
    parser = argparse.ArgumentParser(
        prog="python -m instruments", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=_COMMANDS)
    parser.add_argument("questionnaire", metavar="FILE-or-KEY", nargs="?")
    parser.add_argument("--language", default="en", help="for show: language of the texts (default: en)")
    chosen = parser.parse_args(arguments)
    if chosen.questionnaire is None and chosen.command != "check":
        parser.error("which questionnaire?")
    try:
        found = _find(chosen.questionnaire, chosen.command)
    except InstrumentError as error:
        return _refuse(str(error), 1)
    except (NotPublishedError, FileNotFoundError) as error:
        return _refuse(str(error), 2)
    for instrument in found:
        if chosen.language not in instrument.languages:
            known = ", ".join(instrument.languages)
            return _refuse(f"{instrument.key} has no texts in {chosen.language!r}; there are: {known}", 2)
        sys.stdout.writelines(f"{line}\n" for line in _COMMANDS[chosen.command](instrument, chosen.language))
    return 0


def _refuse(sentence: str, exit_code: int) -> int:
    sys.stderr.write(f"{sentence}\n")
    return exit_code


def _find(name: str | None, command: str) -> tuple[Instrument, ...]:
    """A folder or file when there is one of this name, else a published questionnaire; without a name, all of them.

    A changed file of a published version can be shown, and its new digest told, but it does not pass a check.
    """
    if name is None:
        return load_all()
    place = Path(name)
    if place.exists():
        folder = place if place.is_dir() else place.parent
        return (load_checked(folder) if command == "check" else load_folder(folder),)
    return (_by_name(name),)


def _by_name(name: str) -> Instrument:
    key, _, version = name.partition("/v")
    if not key.isidentifier() or not (version or "1").isdecimal():
        message = f"there is no file {name!r}"
        raise FileNotFoundError(message)
    versions = [entry.version for entry in published() if entry.key == key]
    return load(key, int(version) if version else max(versions, default=1))


def _check(instrument: Instrument, _language: str) -> Iterator[str]:
    yield (
        f"{instrument.key} v{instrument.version}: no problems. {len(instrument.questions)} questions in "
        f"{len(instrument.columns)} columns, {len(instrument.texts)} texts in {len(instrument.languages)} languages."
    )


def _digest(instrument: Instrument, _language: str) -> Iterator[str]:
    yield instrument.digest


def _show(instrument: Instrument, language: str) -> Iterator[str]:
    yield f"{instrument.key} v{instrument.version}"
    yield "digest        " + instrument.digest
    yield "scoring       " + instrument.scoring.version
    yield "translations  " + instrument.translations_version
    yield "languages     " + " ".join(instrument.languages)
    for variant in instrument.variants.values():
        codes = [code for code in instrument.questions if code in variant.questions]
        yield f"variant {variant.key}: {' '.join(codes)}"
    yield from ("", "The respondent")
    for question in instrument.profile:
        yield from _show_question(instrument, question, language)
    for step in instrument.steps:
        yield from ("", f"Step {step.key}: {instrument.text(step.title, language)}")
        for code in step.questions:
            yield from _show_question(instrument, instrument.questions[code], language)


def _show_question(instrument: Instrument, question: Question, language: str) -> Iterator[str]:
    wording = instrument.wording(question, language=language, mode=Mode.WEB)
    yield f"  {question.code} ({question.kind}{', required' if question.required else ''}) {wording}"
    for option in question.options:
        yield f"    {option.key:>4}  {instrument.text(option.text, language)}"
    for code in question.missing:
        yield f"    {code:>4}  {instrument.text(instrument.missing_texts[code], language)}"


_COMMANDS: dict[str, Callable[[Instrument, str], Iterator[str]]] = {
    "check": _check,
    "show": _show,
    "digest": _digest,
}

if __name__ == "__main__":
    sys.exit(main())
