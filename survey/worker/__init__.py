"""Work outside of requests: takes jobs from the table, one after the other, and does what `tasks` says.

The table is the truth. Messages (`messenger`) only wake a worker; one that is lost delays a job to the next minute.
"""

from survey.worker.consumer import working
from survey.worker.messenger import Messenger
from survey.worker.running import Pace, Runner

__all__ = ["Messenger", "Pace", "Runner", "working"]
