"""What an interviewer is told before calling: whether to leave a message, whether to send the link."""

from survey.services.calling.cases import Case
from survey.services.calling.outcomes import Next
from survey.services.calling.rules import Rules
from survey.services.calling.spreading import may_ring_again, rounds


def may_leave_message(case: Case, rules: Rules) -> bool:
    """Whether a machine that answers now gets a message: on two attempts only, so that nobody is pursued."""
    made = rounds(case.attempts, rules)
    goes_on = bool(made) and may_ring_again(made[-1], rules)
    return len(made) + (not goes_on) in rules.message_on


def should_send_link(case: Case, rules: Rules, *, sent: bool) -> bool:
    """Whether the web link goes out by e-mail now: once, after the second attempt. sent: it was sent in another way."""
    has_link = sent or any(attempt.result.next is Next.LINK for attempt in case.attempts)
    return len(rounds(case.attempts, rules)) >= rules.link_after and not has_link
