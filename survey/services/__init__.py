"""What the survey does: an act takes a session, values and the time, and gives a small result; none commits."""
