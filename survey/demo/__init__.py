"""A demonstration: one study on the shipped catalogue, filled with simulated answers. For the command line only."""

from survey.demo.filling import fill, link_token, open_slug
from survey.demo.folder import Note, NotOurs, empty, new_password, noted_base_url, read_note, write_note
from survey.demo.study import DemoStudy, demo_study

__all__ = [
    "DemoStudy",
    "NotOurs",
    "Note",
    "demo_study",
    "empty",
    "fill",
    "link_token",
    "new_password",
    "noted_base_url",
    "open_slug",
    "read_note",
    "write_note",
]
