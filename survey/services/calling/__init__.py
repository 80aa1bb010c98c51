"""When a case may be called, and what follows from each outcome of a call. Pure: no table, no page, no clock.

The rules of one case are computed when something happens to it (a call is recorded, a lead lets it go on, the web
interview stops) and stored as a `Standing`: from when it may be called, on which occasions of the week, how urgent
it is. Nothing in a standing changes by itself as time passes. Whether people can be called in a place right now is
asked once for each of the few calendars of a study (`open_calendars`). So the desk finds its next case by one query
that compares columns, without looking at cases one by one:

    callable_from <= now AND now < ends_at
    AND (now < anytime_until OR (calendar = … AND occasions & … <> 0) OR …)   -- one term per calendar open now
    AND this interviewer is not among not_by
    ORDER BY priority, due_at, shortfall DESC, attempts, draw

`next_time` says the same of one case for people: when it comes up next. Both rest on the standing.
"""
