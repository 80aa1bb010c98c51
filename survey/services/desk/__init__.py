"""The call desk: who is called next and by whom, what came of it, and what that means for the next call.

`cases` writes where each case stands, by the rules of `survey.services.calling`; `queue` gives cases out, one to one
person; `attempts` records calls. Whoever writes something holds the case.
"""
