"""Named reads: a session in, rows or plain values out. Nothing here writes."""
