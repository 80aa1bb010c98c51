"""Mails to respondents: who may get one (`rules`, `planning`), the outbox, the words, the way to the mail server."""
