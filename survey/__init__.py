"""People, links, answers, the database, the web and the command line.

Empty on purpose: importing a service must not load the web.
"""
